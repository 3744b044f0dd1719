"""The lab: labelled test media with a known cause.

`make` runs one recipe and writes an altered file and its control, which went through the same chain but for the one thing
that the recipe is about. Both carry a visible (or audible) label, an invisible watermark, a signed C2PA manifest and a truth
file; none of these can be switched off. Recipes are found by looking: `recipes`.
"""

from .engine import make
from .recipe import Made, Recipe, recipes

__all__ = ["Made", "Recipe", "make", "recipes"]
