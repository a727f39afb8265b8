"""A witness (C2SP tlog-witness) of our own, apart from the program: it checks the log's signature with openssl and the consistency
proof by RFC 9162 2.1.4.2, cosigns (cosignature/v1), and can be told to know another size. See witness.sh."""
import base64, hashlib, http.server, json, os, struct, subprocess, sys, tempfile, threading, time

WORK, NAME, LOGKEY = sys.argv[1:4]
PEM = os.path.join(WORK, 'witness.pem')
DER = bytes.fromhex('302a300506032b6570032100')  # SubjectPublicKeyInfo of Ed25519


def run(*a, data=None):
    return subprocess.run(a, input=data, capture_output=True, check=True).stdout


run('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', PEM)
PUB = run('openssl', 'pkey', '-in', PEM, '-pubout', '-outform', 'DER')[-32:]
KEYID = hashlib.sha256(NAME.encode() + b'\n\x04' + PUB).digest()[:4]
with open(os.path.join(WORK, 'witness.key'), 'w') as f:
    f.write(f'{NAME}+{KEYID.hex()}+{base64.b64encode(bytes([4]) + PUB).decode()}')
log_name, log_id, log_pub = LOGKEY.split('+', 2)
log_pub = base64.b64decode(log_pub)[1:]


def sign(message):
    with tempfile.NamedTemporaryFile(dir=WORK) as f:
        f.write(message)
        f.flush()
        return run('openssl', 'pkeyutl', '-sign', '-rawin', '-inkey', PEM, '-in', f.name)


def log_signed(text, signature):
    with tempfile.NamedTemporaryFile(dir=WORK) as m, tempfile.NamedTemporaryFile(dir=WORK) as s, tempfile.NamedTemporaryFile(dir=WORK) as k:
        for f, d in ((m, text), (s, signature), (k, DER + log_pub)):
            f.write(d)
            f.flush()
        return subprocess.run(['openssl', 'pkeyutl', '-verify', '-rawin', '-pubin', '-keyform', 'DER', '-inkey', k.name, '-in', m.name, '-sigfile', s.name],
                              capture_output=True).returncode == 0


def node(a, b):
    return hashlib.sha256(b'\1' + a + b).digest()


def consistent(first, second, first_root, second_root, path):  # RFC 9162, 2.1.4.2
    if first == second:
        return not path and first_root == second_root
    if not path:
        return False
    if first & (first - 1) == 0:
        path = [first_root] + path
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn & 1 == 0 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node(sr, c)
        fn >>= 1
        sn >>= 1
    return fr == first_root and sr == second_root and sn == 0


state = {'size': 0, 'root': b'', 'seen': [], 'roots': {}, 'say': None}


def save():
    with open(os.path.join(WORK, 'witness.json.new'), 'w') as f:
        json.dump({'size': state['size'], 'seen': state['seen']}, f)
    os.replace(os.path.join(WORK, 'witness.json.new'), os.path.join(WORK, 'witness.json'))


class Witness(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *a):
        pass

    def answer(self, code, body, kind='text/plain'):
        self.send_response(code)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        kind, what = self.judge(body)
        state['seen'].append([kind, self.path, what if isinstance(what, str) else ''])
        save()
        if kind == 'cosigned':
            self.answer(200, what.encode())
        elif kind == 'conflict':
            self.answer(409, what.encode(), 'text/x.tlog.size')
        else:
            self.answer(422 if kind == 'inconsistent' else 403, b'')

    def judge(self, body):
        told = os.path.join(WORK, 'claim')
        if os.path.exists(told):
            return 'conflict', open(told).read()
        head, _, note = body.partition(b'\n\n')
        lines = head.split(b'\n')
        old = int(lines[0].split(b' ')[1])
        path = [base64.b64decode(x) for x in lines[1:]]
        text, _, sigs = note.partition(b'\n\n')
        text += b'\n'
        name, size, root = text.split(b'\n')[:3]
        size, root = int(size), base64.b64decode(root)
        dash, who, blob = sigs.split(b'\n')[0].decode().split(' ')
        blob = base64.b64decode(blob)
        if name.decode() != log_name or who != log_name or blob[:4].hex() != log_id or not log_signed(text, blob[4:]):
            return 'unsigned', ''
        if old != state['size']:
            return 'conflict', f"{state['size']}\n"
        if old and not consistent(old, size, state['root'], root, path):
            return 'inconsistent', ''
        state['size'], state['root'] = size, root
        at = int(time.time())
        sig = sign(f'cosignature/v1\ntime {at}\n'.encode() + text)
        return 'cosigned', f"\u2014 {NAME} {base64.b64encode(KEYID + struct.pack('>Q', at) + sig).decode()}\n"


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Witness)
save()
with open(os.path.join(WORK, 'witness.port'), 'w') as f:
    f.write(str(server.server_address[1]))
server.serve_forever()
