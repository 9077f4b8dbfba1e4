"""Pure. The nouns that two parts need: reading, quality, unit, topic, pack and site.

Nothing here opens a file, reads a clock or touches a socket; `runtime.files` does the reading.
"""
