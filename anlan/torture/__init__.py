"""Shell. Hours of faults against the whole chain, with a seed, judged by the simulator's truth."""
