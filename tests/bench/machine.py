"""What the machine and its processes were doing, from /proc."""
import os
import resource
import struct
import time

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
HALVES_AT = 136  # in the header: where what judging does without begins


def process_cpu(pid):
    """Processor seconds of a process and its threads so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def tree_cpu(pid):
    """The same of a process and its children."""
    total = process_cpu(pid)
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
            total += sum(tree_cpu(int(child)) for child in f.read().split())
    return total


def rss(pid):
    """Resident memory, in bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * PAGE


def model_bytes(path):
    """How much of the model in the file PATH is kept to judge by: all before the halves of hashes (classifier/snapshot.h)."""
    with open(path, "rb") as f:
        return struct.unpack_from("<Q", f.read(256), HALVES_AT)[0]


def children_cpu():
    """Processor seconds of all processes started here that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Machine:
    """The whole machine, from now on."""

    def __init__(self):
        self.begun, self.before = time.monotonic(), self.read()

    @staticmethod
    def read():
        with open("/proc/stat", encoding="ascii") as f:
            return [int(x) / TICK for x in f.readline().split()[1:9]]

    def report(self, ours):
        """A line on what else went on; OURS: processor seconds of our own processes."""
        user, nice, system, idle, wait, irq, soft, steal = (b - a for a, b in zip(self.before, self.read()))
        total = user + nice + system + idle + wait + irq + soft + steal or 1
        own = resource.getrusage(resource.RUSAGE_SELF)
        others = user + nice + system + irq + soft - ours - own.ru_utime - own.ru_stime
        with open("/proc/loadavg", encoding="ascii") as f:
            load = " ".join(f.read().split()[:3])
        return (f"machine: {os.cpu_count()} cores, {time.monotonic() - self.begun:.0f} s; steal {100 * steal / total:.1f} %, "
                f"other work {100 * max(0, others) / total:.0f} % of all cores, waiting for disks {100 * wait / total:.1f} %, load {load}")
