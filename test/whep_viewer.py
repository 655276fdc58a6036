"""A viewer by WHEP for tests: GStreamer's webrtcbin, which its whepsrc wraps.

    python3 whep_viewer.py ADDRESS_OF_WHEP [--every N] [--no-sound]

Prints "picture COUNT WIDTHxHEIGHT" for every N decoded pictures and "sound COUNT" for every N packets of sound, besides
what webrtc_peer.py prints. Leaves when its input ends.
"""

import argparse

from webrtc_peer import Gst, GstWebRTC, WebRtcPeer, say

VIDEO = "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,rtcp-fb-nack-pli=true"
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"
BRANCHES = {
    "video": ("picture", "rtph264depay ! h264parse ! openh264dec ! fakesink name=end sync=false async=false"),
    "audio": ("sound", "rtpopusdepay ! fakesink name=end sync=false async=false"),
}


class WhepViewer:
    """Counts what comes."""

    def __init__(self, address: str, every: int, sound: bool) -> None:
        self.every = every
        self.counts = {"picture": 0, "sound": 0}
        self.pipeline = Gst.Pipeline.new()
        peer = Gst.ElementFactory.make("webrtcbin")
        self.pipeline.add(peer)
        peer.connect("pad-added", self.on_pad)
        self.connection = WebRtcPeer(address, self.pipeline, peer)
        direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        for caps in (VIDEO, AUDIO) if sound else (VIDEO,):
            peer.emit("add-transceiver", direction, Gst.Caps.from_string(caps)).set_property("do-nack", True)

    def on_pad(self, _peer: Gst.Element, pad: Gst.Pad) -> None:
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        name, elements = BRANCHES[pad.get_current_caps().get_structure(0).get_string("media")]
        branch = Gst.parse_bin_from_description(elements, True)
        self.pipeline.add(branch)
        branch.get_by_name("end").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self.count, name)
        branch.sync_state_with_parent()
        pad.link(branch.get_static_pad("sink"))

    def count(self, pad: Gst.Pad, _info: Gst.PadProbeInfo, name: str) -> Gst.PadProbeReturn:
        self.counts[name] += 1
        count = self.counts[name]
        if count % self.every == 0:
            caps = pad.get_current_caps().get_structure(0)
            size = f" {caps.get_value('width')}x{caps.get_value('height')}" if name == "picture" else ""
            say(f"{name} {count}{size}")
        return Gst.PadProbeReturn.OK


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--every", type=int, default=30)
    parser.add_argument("--no-sound", action="store_true")
    options = parser.parse_args()
    Gst.init(None)
    WhepViewer(options.address, options.every, not options.no_sound).connection.run()


if __name__ == "__main__":
    main()
