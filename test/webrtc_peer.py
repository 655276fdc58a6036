"""GStreamer's webrtcbin with WHEP's and WHIP's signalling (RFC 9725): one offer, one answer, DELETE as goodbye."""

import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402


class WebRtcPeer:
    """One connection, from the offer to the goodbye, which comes when the input ends.

    Prints "joined LOCATION" once the answer is set, "left STATUS" after the goodbye, "error TEXT" where something fails.
    """

    def __init__(self, address: str, pipeline: Gst.Pipeline, peer: Gst.Element) -> None:
        self.address = address
        self.pipeline = pipeline
        self.peer = peer
        self.loop = GLib.MainLoop()
        self.location: str | None = None
        self.has_asked = False
        peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        # A server that is not open to the network is on loopback, which is not looked at by itself. The agent is kept here:
        # it came with the one reference that there is.
        self.agent = peer.get_property("ice-agent")
        self.agent.emit("add-local-ip-address", "127.0.0.1")
        peer.connect("on-negotiation-needed", lambda *_: self.offer())
        peer.connect("notify::ice-gathering-state", lambda *_: self.ask_when_gathered())
        bus = pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.on_error)

    def run(self) -> None:
        self.pipeline.set_state(Gst.State.PLAYING)
        threading.Thread(target=self.wait_for_end, daemon=True).start()
        self.loop.run()
        if self.location is not None:
            self.leave(self.location)
        self.pipeline.set_state(Gst.State.NULL)

    def offer(self) -> None:
        if not self.has_asked:
            self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer, None))

    def on_offer(self, promise: Gst.Promise, _data: object) -> None:
        # The offer lives as long as the reply does.
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def ask_when_gathered(self) -> None:
        if self.peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            # Outside of webrtcbin's own thread, which must not wait.
            GLib.idle_add(self.ask)

    def ask(self) -> bool:
        if not self.has_asked:
            self.has_asked = True
            try:
                self.exchange(self.peer.get_property("local-description").sdp.as_text())
            except urllib.error.HTTPError as error:
                self.fail(f"{error.code} {error.read().decode()}")
            except OSError as error:
                self.fail(str(error))
        return False

    def exchange(self, offer: str) -> None:
        request = urllib.request.Request(self.address, offer.encode(), {"content-type": "application/sdp"})
        with urllib.request.urlopen(request, timeout=10) as response:
            self.location = urljoin(self.address, response.headers["location"])
            text = response.read().decode()
        _, description = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, description)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())
        say(f"joined {self.location}")

    def leave(self, location: str) -> None:
        request = urllib.request.Request(location, method="DELETE")
        with urllib.request.urlopen(request, timeout=10) as response:
            say(f"left {response.status}")

    def wait_for_end(self) -> None:
        sys.stdin.read()
        GLib.idle_add(self.loop.quit)

    def on_error(self, _bus: Gst.Bus, message: Gst.Message) -> None:
        self.fail(message.parse_error().gerror.message)

    def fail(self, text: str) -> None:
        say(f"error {text}")
        self.loop.quit()


def say(text: str) -> None:
    print(text, flush=True)
