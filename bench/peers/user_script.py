"""The script that a user would write: OpenCV reads the film, onnxruntime runs a network on every frame, FFmpeg encodes.

    python user_script.py video NETWORK.onnx CLIP SECONDS -- OPTIONS OF FFMPEG'S ENCODER
    python user_script.py pictures NETWORK.onnx FOLDER PICTURE ...

A network that takes any size sees the full frame; one of a fixed size sees the frame scaled to it, and what it gives is
scaled back. With ``video`` one line of JSON says how fast that was, loading left out; it ends after SECONDS at the latest,
but not before two frames. With ``pictures`` each result lies in FOLDER, under its own name as PNG.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime


class Network:
    """An ONNX file that takes and gives RGB in 0..1, in whichever layout it likes."""

    def __init__(self, path: str):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        inputs = self.session.get_inputs()
        self.picture = next(each for each in inputs if len(each.shape) == 4)
        # URetinex-Net asks how bright the result shall be, 3 to 5; its authors take 5.
        self.others = {each.name: np.array([5], np.float32) for each in inputs if each is not self.picture}
        height, width = self.picture.shape[2:4]
        self.size = (width, height) if isinstance(width, int) and isinstance(height, int) else None

    def __call__(self, frame: np.ndarray) -> np.ndarray:
        height, width = frame.shape[:2]
        small = frame if self.size is None else cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA)
        planes = cv2.cvtColor(small, cv2.COLOR_BGR2RGB).astype(np.float32).transpose(2, 0, 1)[None] / 255
        result = self.session.run(None, {self.picture.name: planes, **self.others})[0][0]
        rgb = result if result.shape[-1] == 3 else result.transpose(1, 2, 0)
        levels = (np.clip(rgb, 0, 1) * 255 + 0.5).astype(np.uint8)
        made = cv2.cvtColor(levels, cv2.COLOR_RGB2BGR)
        return made if self.size is None else cv2.resize(made, (width, height), interpolation=cv2.INTER_LINEAR)


def cpu_seconds() -> float:
    """CPU time of this process and of those that have ended below it."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def most_memory() -> float | None:
    """The most memory that this process has had, in MiB, where the system says so."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), None)


def process_video(network: Network, clip: str, longest: float, encoder: list[str]) -> None:
    capture = cv2.VideoCapture(clip)
    width, height = (int(capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    # The first run plans its memory.
    network(np.zeros((height, width, 3), np.uint8))
    start, cpu, frames = time.monotonic(), cpu_seconds(), 0
    command = ["ffmpeg", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}"]
    command += ["-r", str(capture.get(cv2.CAP_PROP_FPS)), "-i", "-", *encoder, "-f", "null", "-"]
    ffmpeg = subprocess.Popen(command, stdin=subprocess.PIPE)
    while frames < 2 or time.monotonic() - start < longest:
        there, frame = capture.read()
        if not there:
            break
        ffmpeg.stdin.write(network(frame).tobytes())
        frames += 1
    ffmpeg.stdin.close()
    if ffmpeg.wait() != 0 or frames == 0:
        sys.exit("error: FFmpeg failed, or the clip has no frame")
    seconds, cpu = time.monotonic() - start, cpu_seconds() - cpu
    rate = {"framesPerSecond": frames / seconds, "cpuPerFrame": 1000 * cpu / frames}
    print(json.dumps({"frames": frames, **rate, "memoryMiB": most_memory()}))


def process_pictures(network: Network, folder: Path, pictures: list[str]) -> None:
    for picture in map(Path, pictures):
        cv2.imwrite(str(folder / f"{picture.stem}.png"), network(cv2.imread(str(picture), cv2.IMREAD_COLOR)))


def main() -> None:
    match sys.argv[1:]:
        case ["video", path, clip, seconds, "--", *encoder]:
            process_video(Network(path), clip, float(seconds), encoder)
        case ["pictures", path, folder, *pictures]:
            process_pictures(Network(path), Path(folder), pictures)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
