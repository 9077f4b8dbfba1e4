"""Shell. What every process needs: the clock, settings, the task tree, logs, metrics, files."""
