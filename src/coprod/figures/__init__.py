"""The figures: a frame goes in, a :class:`coprod.results.Figure` at two widths comes out."""
