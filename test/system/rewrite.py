#!/usr/bin/env python3
"""The strong attacker: rewrites a journal (docs/formats/journal.md) so that every checksum and the whole chain are right again.
rewrite.py FOLDER edit SEQ | drop SEQ | swap SEQ SEQ | backdate SEQ SECONDS | truncate SEQ | insert SEQ | append
Nothing of the project is used; CRC-32C and the chain are computed here from the format's page."""
import glob, hashlib, os, struct, sys

T = []
for i in range(256):
    c = i
    for _ in range(8):
        c = c >> 1 ^ (0x82F63B78 if c & 1 else 0)
    T.append(c)

def crc(b):
    c = 0xFFFFFFFF
    for x in b:
        c = T[(c ^ x) & 255] ^ c >> 8
    return c ^ 0xFFFFFFFF

def read(folder):
    out = []
    for name in sorted(glob.glob(folder + "/journal/*.qfj")):
        d = open(name, "rb").read()
        at = 128
        while at + 48 <= len(d) and d[at:at + 4] == b"QFJE":
            _, _, _, seq, when, n, kind, _, _ = struct.unpack("<4sIQQqIIII", d[at:at + 48])
            out.append([when, kind, d[at + 48:at + 48 + n]])
            at += 48 + n + 32
    return out

def write(folder, entries):
    names = sorted(glob.glob(folder + "/journal/*.qfj"))
    head = bytearray(open(names[0], "rb").read()[:128])
    salt = struct.unpack("<I", head[64:68])[0]
    chain, out = bytes(32), bytearray(head)
    for i, (when, kind, body) in enumerate(entries):
        mid = struct.pack("<QqII", i + 1, when, len(body), kind)
        h = b"QFJE" + struct.pack("<IQ", salt, i + 1) + mid + struct.pack("<I", crc(body))
        chain = hashlib.sha256(chain + mid + body).digest()
        out += h + struct.pack("<I", crc(h)) + body + chain
    for n in names + [folder + "/journal/head"]:
        if os.path.exists(n):
            os.remove(n)
    open(names[0], "wb").write(out)

folder, what, arg = sys.argv[1], sys.argv[2], [int(x) for x in sys.argv[3:]]
e = read(folder)
k = arg[0] - 1 if arg else 0
if what == "edit":
    b = e[k][2]
    i = b.rindex("甲".encode())
    e[k][2] = b[:i] + "乙".encode() + b[i + 3:]
elif what == "drop":
    del e[k]
elif what == "swap":
    e[k], e[arg[1] - 1] = e[arg[1] - 1], e[k]
elif what == "swap-keep-times":
    j = arg[1] - 1
    e[k], e[j] = [e[k][0]] + e[j][1:], [e[j][0]] + e[k][1:]
elif what == "backdate":
    e[k][0] -= arg[1] * 1000000
elif what == "truncate":
    e = e[:k]
elif what == "insert":
    e.insert(k, [e[k][0], e[k][1], e[k - 1][2]])
elif what == "append":
    e.append(e[-1])
elif what != "same":
    sys.exit("what?")
write(folder, e)
print(len(e))
