"""Pure and shell. What has to happen although no sensor calls: due, done, late, missed; reports, emergency, drills."""
