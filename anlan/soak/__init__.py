"""Shell. `anlan soak`: the whole chain for an accelerated week with a hundred walls; does anything grow?"""
