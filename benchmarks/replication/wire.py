"""As much of two protocols as the measurements need: Kafka's Metadata and ListOffsets, ZooKeeper's connect, getData and delete."""
import socket
import struct
import time


def _text(value):
    return struct.pack(">h", len(value)) + value.encode()


def _exactly(stream, count):
    data = stream.read(count)
    if data is None or len(data) != count:
        raise ConnectionError("the connection was closed")
    return data


class Reader:
    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, form):
        values = struct.unpack_from(form, self.data, self.position)
        self.position += struct.calcsize(form)
        return values[0] if len(values) == 1 else values

    def text(self):
        length = self.take(">h")
        if length < 0:
            return None
        self.position += length
        return self.data[self.position - length:self.position].decode()


class Kafka:
    """A connection to one broker."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.stream = self.socket.makefile("rb")
        self.correlation = 0

    def call(self, api, version, body):
        self.correlation += 1
        request = struct.pack(">hhi", api, version, self.correlation) + _text("measure") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)
        return Reader(_exactly(self.stream, struct.unpack(">i", _exactly(self.stream, 4))[0])[4:])

    def leaders(self, topic):
        """Partition -> (leader, ISR) as this broker knows it; Metadata version 1."""
        answer = self.call(3, 1, struct.pack(">i", 1) + _text(topic))
        for _ in range(answer.take(">i")):
            answer.take(">i"), answer.text(), answer.take(">i"), answer.text()
        answer.take(">i")
        found = {}
        for _ in range(answer.take(">i")):
            answer.take(">h"), answer.text(), answer.take(">b")
            for _ in range(answer.take(">i")):
                error, partition, leader = answer.take(">hii")
                replicas = [answer.take(">i") for _ in range(answer.take(">i"))]
                isr = [answer.take(">i") for _ in range(answer.take(">i"))]
                found[partition] = (leader if error == 0 else -1, isr, replicas)
        return found

    def served(self, topic, partitions):
        """Those of the partitions for which this broker answers as the leader; ListOffsets version 1."""
        if not partitions:
            return set()
        body = struct.pack(">ii", -1, 1) + _text(topic) + struct.pack(">i", len(partitions))
        body += b"".join(struct.pack(">iq", partition, -1) for partition in partitions)
        answer = self.call(2, 1, body)
        answer.take(">i"), answer.text()
        return {partition for partition, error, _, _ in (answer.take(">ihqq") for _ in range(answer.take(">i"))) if error == 0}

    def close(self):
        self.stream.close()
        self.socket.close()


class ZooKeeper:
    """A session that is not kept alive: for a request or two."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.stream = self.socket.makefile("rb")
        self._send(struct.pack(">iqiqi", 0, 0, 10000, 0, 16) + bytes(16))
        self._receive()
        self.xid = 0

    def delete(self, path):
        """Removes a node whatever its version; tells whether it was there."""
        return self._call(2, path, struct.pack(">i", -1)) is not None

    def get(self, path):
        """A node's data; None if it is not there."""
        answer = self._call(4, path, bytes(1))
        return None if answer is None else answer[4:4 + struct.unpack_from(">i", answer)[0]]

    def close(self):
        self.stream.close()
        self.socket.close()

    def _call(self, operation, path, rest):
        self.xid += 1
        self._send(struct.pack(">iii", self.xid, operation, len(path)) + path.encode() + rest)
        answer = self._receive()
        return None if struct.unpack_from(">i", answer, 12)[0] else answer[16:]

    def _send(self, data):
        self.socket.sendall(struct.pack(">i", len(data)) + data)

    def _receive(self):
        return _exactly(self.stream, struct.unpack(">i", _exactly(self.stream, 4))[0])


def until(condition, what, seconds=120.0, pause=0.02):
    """Waits for a condition; returns how long it took."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            raise TimeoutError(f"not within {seconds:.0f} s: {what}")
        time.sleep(pause)
    return time.monotonic() - begin
