"""What the recipes' model cards have in common."""

from __future__ import annotations

# Of each colour space that a network may take: its planes, and what the network gives back.
_PLANES = {"rgb": (3, "rgb"), "rgb+mask": (4, "rgb"), "lab-l": (1, "lab-ab")}
_LICENCE = "MIT for the weights' files; trained on data for research and non-commercial use"


def contract(task: str, colour_space: str, multiple: int, working_sizes: list[str]) -> dict[str, object]:
    """What a card says of how to call the network, and the weights' licence. multiple: of which height and width must
    be; working_sizes: recommended ones, width x height."""
    planes, meaning = _PLANES[colour_space]
    return {
        "task": task,
        "input": {
            "name": "input",
            "shape": [1, planes, "height", "width"],
            "multiple": multiple,
            "range": [0, 1],
            "colourSpace": colour_space,
        },
        "output": {"name": "output", "meaning": meaning},
        "workingSizes": working_sizes,
        "licence": _LICENCE,
    }


def photographs(how: str = "") -> dict[str, str]:
    """A card's entry for the pictures of the ``colour`` pack. how: what was made of them for training."""
    name = "ImageNet samples, CCP, BSDS500, CamVid, Sun-Hays, Flickr8k"
    return {"name": f"{name}, {how}" if how else name, "licence": "research, non-commercial"}
