"""Pure and shell. Work: from a finding to a repaired boiler, proven by the sensor and accepted by somebody else."""
