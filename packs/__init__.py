"""Data. One folder per kind of equipment: points, makes, rules, procedures, faults. `runtime.files` reads them."""
