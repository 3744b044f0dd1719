"""A seccomp filter for the decoder process: system calls that could reach beyond it are refused.

Everything is allowed except what is listed here. Calls that are newer than this list get "not implemented", so that the
C library takes an older way; so do the two whose arguments lie in memory, where a filter cannot look (clone3, openat2).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from collections.abc import Mapping

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS = 0x00050000 | 1, 0x00050000 | 38
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

Step = tuple[int, int, int, int]  # operation, steps to skip if true, if false, constant
Calls = Mapping[str, tuple[int, int | None]]
_ALLOWED, _REFUSED, _ABSENT = ((_RETURN, 0, 0, value) for value in (_ALLOW, _EPERM, _ENOSYS))

# The newest call that this list knows (mseal). From 424 on, both processors number alike; x32 calls lie above 2^30.
_NEWEST = 462

# call: number on x86_64, on aarch64 (None: only x86_64 has it, aarch64 has the call ending in "at" alone)
_NETWORK: Calls = {"socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425)}
_FILES: Calls = {
    "creat": (85, None), "truncate": (76, 45), "ftruncate": (77, 46), "fallocate": (285, 47),
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "unlink": (87, None), "unlinkat": (263, 35), "rmdir": (84, None), "mkdir": (83, None), "mkdirat": (258, 34),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
    "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "open_by_handle_at": (304, 265),
    # memory that stays behind when the process ends
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180), "mq_unlink": (241, 181),
}  # fmt: skip
_PROCESSES: Calls = {
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "process_madvise": (440, 440),
    "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "process_mrelease": (448, 448),
}  # fmt: skip
# what only an administrator may do: some run this in a container as root
_SYSTEM: Calls = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97),
    "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsmount": (432, 432),
    "mount_setattr": (442, 442), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "reboot": (169, 142),
    "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170), "adjtimex": (159, 171),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "quotactl": (179, 60), "quotactl_fd": (443, 443), "fanotify_init": (300, 262),
    "iopl": (172, None), "ioperm": (173, None),
}  # fmt: skip
_ABSENT_CALLS: Calls = {"clone3": (435, 435), "openat2": (437, 437)}

_WRITING = 0o3 | 0o100 | 0o1000  # O_WRONLY and O_RDWR, O_CREAT, O_TRUNC
_CLONE_THREAD = 0x10000
_SET_OWNER, _SET_OWNER_EX = 8, 15  # fcntl: have another process signalled
_QUESTIONS = (
    0x5401,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # ioctl: TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIO[N]CLEX


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def install() -> bool:
    """Put the filter on this thread and all that it starts; False if the system does not take it."""
    architecture, column = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}.get(platform.machine(), (0, 0))
    if platform.system() != "Linux" or not architecture:
        return False
    steps = program(architecture, column)
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter = _Program(len(steps), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filter), 0, 0) == 0)


def program(architecture: int, column: int) -> list[Step]:
    """Return the steps of the filter for one processor."""
    me = os.getpid()
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT), (_AT_LEAST, 0, 1, _NEWEST + 1), _ABSENT,
    ]  # fmt: skip
    for number in _numbers({**_NETWORK, **_FILES, **_PROCESSES, **_SYSTEM}, column):
        steps += [(_EQUAL, 0, 1, number), _REFUSED]
    for number in _numbers(_ABSENT_CALLS, column):
        steps += [(_EQUAL, 0, 1, number), _ABSENT]
    writing = [(_ANY_BIT, 0, 1, _WRITING), _REFUSED, _ALLOWED]
    myself = _only(me)
    return [
        *steps,
        *_judged({"open": (2, None)}, column, 1, writing),
        *_judged({"openat": (257, 56)}, column, 2, writing),
        *_judged({"clone": (56, 220)}, column, 0, [(_ANY_BIT, 0, 1, _CLONE_THREAD), _ALLOWED, _REFUSED]),
        # a process may end itself, which abort() does by a signal
        *_judged({"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131)}, column, 0, myself),
        *_judged({"prlimit64": (302, 261)}, column, 0, _only(0, me)),
        *_judged({"ioctl": (16, 29)}, column, 1, _only(*_QUESTIONS)),
        *_judged({"fcntl": (72, 25)}, column, 1, _all_but(_SET_OWNER, _SET_OWNER_EX)),
        _ALLOWED,
    ]  # fmt: skip


def _numbers(calls: Calls, column: int) -> list[int]:
    return [number for pair in calls.values() if (number := pair[column]) is not None]


def _judged(calls: Calls, column: int, argument: int, verdict: list[Step]) -> list[Step]:
    """Return the steps that decide these calls by the low half of one argument."""
    block = [(_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument), *verdict]
    return [step for number in _numbers(calls, column) for step in [(_EQUAL, 0, len(block), number), *block]]


def _only(*values: int) -> list[Step]:
    return [*(step for value in values for step in [(_EQUAL, 0, 1, value), _ALLOWED]), _REFUSED]


def _all_but(*values: int) -> list[Step]:
    return [*(step for value in values for step in [(_EQUAL, 0, 1, value), _REFUSED]), _ALLOWED]
