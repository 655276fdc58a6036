"""A publisher by WHIP for tests: GStreamer's webrtcbin, which its whipsink wraps.

    python3 whip_publisher.py ADDRESS_OF_WHIP [--codec h264|vp8] [--sound]

Publishes a test pattern of 320x180, with a tone where sound is wanted. Leaves when its input ends.
"""

import argparse

from webrtc_peer import Gst, WebRtcPeer

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! video/x-h264,profile=constrained-baseline"
    " ! rtph264pay config-interval=-1 ! application/x-rtp,media=video,encoding-name=H264,payload=96",
    "vp8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8,payload=96",
}
VIDEO = "videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=15/1 ! queue"
AUDIO = "audiotestsrc is-live=true ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--codec", choices=sorted(ENCODERS), default="h264")
    parser.add_argument("--sound", action="store_true")
    options = parser.parse_args()
    Gst.init(None)
    branches = [f"webrtcbin name=peer {VIDEO} ! {ENCODERS[options.codec]} ! peer."]
    if options.sound:
        branches.append(f"{AUDIO} ! peer.")
    pipeline = Gst.parse_launch(" ".join(branches))
    WebRtcPeer(options.address, pipeline, pipeline.get_by_name("peer")).run()


if __name__ == "__main__":
    main()
