"""Pure and shell. The wire: frames, the gate that judges them, and the only modules that import an MQTT library."""
