"""The wheel holds the whole package: scripts, lexicons and models too, not code alone."""

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
MADE_ON_THE_SPOT = ("__pycache__", "places.idx")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")))
    return Path(built)


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    service = ROOT / "service"
    wanted = {
        str(path.relative_to(service))
        for path in (service / "siegewatch").rglob("*")
        if path.is_file() and not any(part.startswith(MADE_ON_THE_SPOT) for part in path.parts)
    }
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("siegewatch/")}
    assert held == wanted


def test_wheel_holds_licence_and_credits(wheel: Path) -> None:
    names = {Path(name).name for name in zipfile.ZipFile(wheel).namelist() if "/licenses/" in name}
    assert names == {"LICENSE", "NOTICE"}
