"""Recipes by the name that the command line uses."""

from __future__ import annotations

from .liednet import LIEDNetRecipe
from .recipe import Recipe

RECIPES: dict[str, type[Recipe]] = {"liednet": LIEDNetRecipe}
