"""Pure. The dead man's switch: who outside listens hears us as long as the whole way to people lives."""
