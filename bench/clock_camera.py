"""An RTSP camera whose pictures say when they were taken, for measuring delay from glass to glass.

    /usr/bin/python3 clock_camera.py

Prints "ready PORT" once it serves rtsp://127.0.0.1:PORT/camera: 1280x720, 30 pictures a second, H.264 without B-frames, a
dim moving scene. A band of 48 rows at the top holds 32 cells of 40 pixels: a black one, a white one, and 30 bits of the
time of day in milliseconds, the highest first.
"""

import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

WIDTH, HEIGHT, RATE = 1280, 720, 30
CELL, BAND, BITS = 40, 48, 30
DARK, LIGHT = bytes([16]) * CELL, bytes([235]) * CELL

LAUNCH = (
    f"( appsrc name=source is-live=true do-timestamp=true format=time "
    f"caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={RATE}/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=3000 key-int-max=60 "
    "! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )"
)


def scene() -> bytes:
    """Luma below the band, twice as wide as the picture: each picture shows another part of it."""
    row = bytes(18 + (x // 32) % 24 for x in range(2 * WIDTH))
    return row


def band(milliseconds: int) -> bytes:
    bits = milliseconds % (1 << BITS)
    cells = [DARK, LIGHT] + [LIGHT if bits >> bit & 1 else DARK for bit in reversed(range(BITS))]
    return b"".join(cells) * BAND


def send(source: Gst.Element) -> None:
    row = scene()
    chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
    start = time.monotonic()
    count = 0
    while True:
        count += 1
        delay = start + count / RATE - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        shift = count * 4 % WIDTH
        below = row[shift : shift + WIDTH] * (HEIGHT - BAND)
        picture = band(time.time_ns() // 1_000_000) + below + chroma
        if source.emit("push-buffer", Gst.Buffer.new_wrapped(picture)) != Gst.FlowReturn.OK:
            return


def main() -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(LAUNCH)
    factory.set_shared(True)

    def configure(_factory: GstRtspServer.RTSPMediaFactory, media: GstRtspServer.RTSPMedia) -> None:
        source = media.get_element().get_by_name("source")
        threading.Thread(target=send, args=(source,), daemon=True).start()

    factory.connect("media-configure", configure)
    server.get_mount_points().add_factory("/camera", factory)
    if server.attach(None) == 0:
        sys.exit("no port can be opened")
    print(f"ready {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
