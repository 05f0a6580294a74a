"""A candidate: a frame that holds at some words of a scene."""

from dataclasses import dataclass

from siegewatch.detect.frames import Frame
from siegewatch.detect.realis import Reading
from siegewatch.detect.scene import Phrase, Scene
from siegewatch.domain.taxonomy import Kind, Phase, Status


@dataclass(frozen=True, slots=True)
class Candidate:
    """A frame that holds at tokens `start` to `end` of a scene. `ground` is what is fought for, named or not."""

    frame: Frame
    scene: Scene
    start: int
    end: int
    phase: Phase
    status: Status
    reading: Reading
    attacker: Phrase | None = None
    defender: Phrase | None = None
    ground: Phrase | None = None
    taken: bool = False
    shape: str = ""
    paired: bool = False
    """Both sides are named in one breath ("clashes between army and rebels"): neither is part of the other."""

    @property
    def kind(self) -> Kind:
        """Siege or offensive."""
        return self.frame.kind

    @property
    def words(self) -> str:
        """The trigger as written."""
        return self.scene.text(self.start, self.end)
