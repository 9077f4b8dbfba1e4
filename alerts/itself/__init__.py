"""Shell. Anlan watches itself: whether it is ready, and which ticket a measure past its limit becomes."""
