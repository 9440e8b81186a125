"""Scalars as a TensorBoard event file.

Records are framed as in TensorFlow's tfrecord format; messages are tensorflow.Event
(event.proto, summary.proto), encoded by hand.
"""

import os
import struct
import time

from .files import locate


class EventFile:
    """An event file in the folder at the protocol path `folder`."""

    def __init__(self, folder):
        place = locate(folder)
        place.mkdir(parents=True, exist_ok=True)
        self._file = open(place / f"events.out.tfevents.{int(time.time())}.shapefinder.{os.getpid()}", "wb")
        self._write(_bytes(3, b"brain.Event:2"))  # Event.file_version

    def scalars(self, step, values):
        """Add one point for each tag in `values` (name to number)."""
        summary = b"".join(
            _bytes(1, _bytes(1, tag.encode()) + _key(2, 5) + struct.pack("<f", value))  # Value.tag, simple_value
            for tag, value in values.items())
        self._write(_key(2, 0) + _varint(step) + _bytes(5, summary))  # Event.step, Event.summary

    def close(self):
        self._file.close()

    def _write(self, fields):
        event = _key(1, 1) + struct.pack("<d", time.time()) + fields  # Event.wall_time
        length = struct.pack("<Q", len(event))
        self._file.write(length + _masked_crc(length) + event + _masked_crc(event))
        self._file.flush()


def _key(field, wire_type):
    return _varint(field << 3 | wire_type)


def _bytes(field, content):
    return _key(field, 2) + _varint(len(content)) + content


def _varint(number):
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _table():
    """CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of each byte."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC_TABLE = _table()


def crc32c(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc = _CRC_TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _masked_crc(content):
    """The checksum as tfrecord stores it: rotated right by 15 bits, plus a constant."""
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
