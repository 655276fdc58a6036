"""An RTSP camera for tests: serves one clip with GStreamer's RTSP server.

    python3 rtsp_camera.py CLIP [--user NAME --password SECRET] [--port PORT]

Prints "ready PORT" once it serves rtsp://127.0.0.1:PORT/camera. Each client gets the clip from its start.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PAYLOADERS = {"h264": "h264parse config-interval=-1 ! rtph264pay", "hevc": "h265parse config-interval=-1 ! rtph265pay"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("clip")
    parser.add_argument("--codec", choices=sorted(PAYLOADERS), default="h264")
    parser.add_argument("--sound", action="store_true", help="the clip has AAC sound to send along")
    parser.add_argument("--udp", action="store_true", help="send by UDP alone")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--port", default="0")
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory = GstRtspServer.RTSPMediaFactory.new()
    video = f"d.video_0 ! queue ! {PAYLOADERS[options.codec]} name=pay0 pt=96"
    audio = "d.audio_0 ! queue ! aacparse ! rtpmp4gpay name=pay1 pt=97" if options.sound else ""
    factory.set_launch(f'( filesrc location="{options.clip}" ! qtdemux name=d {video} {audio} )')
    # By TCP a clip is sent whole: nothing is dropped because a client is slow for a moment.
    factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP if options.udp else GstRtsp.RTSPLowerTrans.TCP)

    if options.user is not None:
        auth = GstRtspServer.RTSPAuth.new()
        token = GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "user")
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(options.user, options.password), token)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)

    server.get_mount_points().add_factory("/camera", factory)
    if server.attach(None) == 0:
        sys.exit("the port cannot be opened")
    print(f"ready {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
