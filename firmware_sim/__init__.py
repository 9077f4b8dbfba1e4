"""Shell. Devices that never existed: physics, faults, ground truth, and the servers that make them look real.

The pure core is `world.World`; `service.serve` puts Modbus and MQTT around it. Nothing here imports `edge`, and the
encoders are written apart from its decoders, so that one bug cannot cancel the other.
"""
