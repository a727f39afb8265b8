"""F9: a mosquitto broker that bridges to our MQTT server dies by kill -9 and comes back, and so does our server, while messages flow. What
our side acknowledged is kept; what the broker had acknowledged and not yet handed on is the broker's to keep."""
from kit import *

HOW = "mosquitto, bridging to us, killed and started again"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Broker:
    def __init__(self, to):
        self.dir, self.port = new_dir("broker"), free_port()
        with open(self.dir + "/m.conf", "w") as f:
            f.write("listener %d 127.0.0.1\nallow_anonymous true\nuser root\npersistence true\npersistence_location %s/\nautosave_interval 1\n" % (self.port, self.dir) +
                    "connection up\naddress 127.0.0.1:%d\nremote_username gate\nremote_password s3cret-gate\nremote_clientid bridge\n" % to +
                    "cleansession false\nnotifications false\ntry_private false\nrestart_timeout 1\nmax_queued_messages 0\ntopic plant/# out 1\n")
        self.p = None

    def start(self):
        self.p = subprocess.Popen(["mosquitto", "-c", self.dir + "/m.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def listens():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        return until(listens)

    def kill(self):
        self.p.kill()
        self.p.wait()

    def publish(self, a, b):
        """QoS 1, each a message; whether the broker took them all."""
        lines = "".join('{"ts":%d,"v":%d}\n' % ((T0 + i) * 1000, i) for i in range(a, b))
        return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-t", "plant/b/json", "-l"], input=lines.encode(),
                              capture_output=True, timeout=WAIT).returncode == 0


def run():
    if not shutil.which("mosquitto") or not shutil.which("mosquitto_pub"):
        skip("F9", HOW, "no mosquitto", "")
        return
    folder = copy(CITY)
    os.makedirs(folder + "/collect")

    def listen(port):
        with open(folder + "/collect/gates.ini", "w") as f:
            f.write("[collector]\nprotocol = mqtt\nlisten = 127.0.0.1:%d\n[user gate]\npassword = s3cret-gate\npublish = plant/#\n"
                    "[map json]\ntopic = plant/+/json\npayload = json\nseries = site,plant={1},s=1 {name}\ntime = ts\n" % port)

    listen(0)
    s = Server(folder)
    expect(s.start(), "does not start")
    port = [c["port"] for c in json.loads(s.get("/api/v1/collectors")[1])["collectors"] if c["name"] == "gates"][0]
    listen(port)
    b = Broker(port)
    expect(b.start(), "the broker does not start")
    stored = lambda: {int(v) for t, v in s.values("site,plant=b,s=1 v") if t == v}
    taken = lambda: int(s.metric("collector_readings_total"))
    n, upto, lost_by_broker = trials(1, 24), 0, 0
    for i in range(n):
        # our server dies while messages flow; the broker holds what we did not acknowledge, and gives it again
        feed = threading.Thread(target=b.publish, args=(upto, upto + 500))
        before = taken()
        feed.start()
        until(lambda: taken() > before + rng.randrange(200))
        s.kill()
        feed.join(WAIT)
        s = Server(folder)
        expect(s.start(), "does not start again: " + s.said()[-300:])
        upto += 500
        expect(until(lambda: stored() >= set(range(upto))), "our server killed: %d of %d there" % (len(stored()), upto))
        # the broker dies; what we took stays, and it comes back by itself
        feed = threading.Thread(target=b.publish, args=(upto, upto + 500))
        before = taken()
        feed.start()
        until(lambda: taken() > before + rng.randrange(200))
        b.kill()
        feed.join(WAIT)
        kept = taken() - before
        expect(b.start(), "the broker does not start again")
        expect(until(lambda: len(stored()) >= upto + kept), "the broker killed: less than what we took is there")
        lost_by_broker += upto + 500 - len(stored())
        expect(b.publish(upto, upto + 500), "the broker takes nothing")  # the sender begins again
        upto += 500
        expect(until(lambda: stored() >= set(range(upto))), "sent again: %d of %d there" % (len(stored()), upto))
    got = [int(v) for _, v in s.values("site,plant=b,s=1 v")]
    expect(got == list(range(upto)), "lost or doubled")
    expect(s.stop() == 0, "does not stop")
    b.kill()
    expect(verify(folder)[0] == 0, "verify")
    row("F9", HOW, 2 * n, "%d messages, 0 lost that we acknowledged, 0 doubled; our server killed: the bridge gave again what was open; "
        "the broker killed: up to %d messages were gone with it until they were sent again" % (upto, lost_by_broker), "0 acknowledged lost, 0 doubled")


main(run)
