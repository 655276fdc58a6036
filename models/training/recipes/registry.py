"""Recipes by the name that the command line uses."""

from __future__ import annotations

from .colorize import ColorizeRecipe
from .liednet import LIEDNetRecipe
from .mat import MATRecipe
from .msec import MSECRecipe
from .nerco import NeRCoRecipe
from .recipe import Recipe

RECIPES: dict[str, type[Recipe]] = {"colorize": ColorizeRecipe, "liednet": LIEDNetRecipe, "mat": MATRecipe, "msec": MSECRecipe, "nerco": NeRCoRecipe}
