"""Runs on a node, on Python 2.6 or later: lists core dumps, sends them, and reads parts of them and of executables.

Hears a JSON object a line on stdin and says frames on stdout: kind, number, lengths, SHA-256, and zlib's packing of the
payload. Ends when stdin ends. Writes nothing to the node's disks, and follows no symbolic link.
"""
import errno, hashlib, json, os, stat, struct, subprocess, sys, zlib
from binascii import hexlify, unhexlify

CHUNK = 1 << 20
ZEROS = b'\0' * CHUNK
LONGEST = 8 << 20
CORE, EXECUTABLES = (4,), (2, 3)
out = os.fdopen(os.dup(1), 'wb', 1 << 16)
os.dup2(2, 1)


class Refused(Exception):
    pass


def send(kind, number=0, data=b''):
    packed = zlib.compress(data, 1)
    out.write(struct.pack('>cQII', kind, number, len(data), len(packed)) + hashlib.sha256(data).digest() + packed)


def send_json(kind, value):
    send(kind, 0, json.dumps(value).encode('ascii'))


def read_at(fd, start, length):
    # Anybody's core dump may say that it goes on where no file does.
    if start >= 1 << 63:
        return b''
    os.lseek(fd, start, 0)
    parts = []
    while length > 0:
        part = os.read(fd, length)
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b''.join(parts)


def open_elf(path, types):
    # /tmp/cores is anybody's to write to: a link may lead anywhere, and a FIFO would keep us waiting.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Refused('not a regular file')
        head = read_at(fd, 0, 18)
        if head[:4] != b'\x7fELF' or head[5:6] != b'\1' or struct.unpack('<H', head[16:18])[0] not in types:
            raise Refused('not an ELF file of this kind')
        return fd
    except Exception:
        os.close(fd)
        raise


def identity(info):
    # Anybody may set the time of a file, to before 1970 and to long after.
    written = getattr(info, 'st_mtime_ns', int(info.st_mtime * 1e6) * 1000)
    return [info.st_size, min(max(written, 0), (1 << 63) - 1), info.st_ino]


def head(fd):
    # The ELF header, the program headers, and the notes, which follow them.
    start = read_at(fd, 0, 64)
    if len(start) < 64 or start[4:5] != b'\2':
        return start
    table, size, count = struct.unpack('<Q14xHH', start[32:58])
    headers = read_at(fd, table, min(count * size, LONGEST))
    end = max(table + len(headers), len(start))
    for at in range(0, len(headers) - 55, size or 56):
        kind, _, offset, _, _, length = struct.unpack('<IIQQQQ', headers[at:at + 40])
        if kind == 4:
            end = max(end, offset + length)
    return read_at(fd, 0, min(end, LONGEST))


def list_cores(ask):
    for folder in ask['folders']:
        folder = folder.encode('utf-8')
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            if error.errno != errno.ENOENT:
                send(b'!', error.errno, folder + b': ' + error.strerror.encode('utf-8'))
            continue
        for name in names:
            list_core(os.path.join(folder, name))


def list_core(path):
    try:
        info = os.lstat(path)
        if not stat.S_ISREG(info.st_mode):
            return
        fd = open_elf(path, CORE)
    except (OSError, Refused) as error:
        if getattr(error, 'errno', 0) in (errno.EACCES, errno.EPERM):
            send(b'?', info.st_size, path)
        return
    try:
        info = os.fstat(fd)
        mine = info.st_uid == os.geteuid()
        name = hexlify(path).decode('ascii')
        send_json(b'c', {'path': name, 'identity': identity(info), 'stored': info.st_blocks * 512, 'mine': mine})
        send(b'h', 0, head(fd))
    finally:
        os.close(fd)


def next_data(fd, at, end):
    try:
        return os.lseek(fd, at, 3)
    except OSError as error:
        if error.errno == errno.ENXIO:
            return end
        return at


def fetch(ask):
    fd = open_elf(unhexlify(ask['path'].encode('ascii')), CORE if ask['core'] else EXECUTABLES)
    try:
        size = check(os.fstat(fd), ask)
        at = 0
        while at < size:
            at = next_data(fd, at, size) // CHUNK * CHUNK
            block = read_at(fd, at, min(CHUNK, size - at))
            if block != ZEROS[:len(block)]:
                number = at // CHUNK
                if number < ask['have']:
                    send(b'=', number, hashlib.sha256(block).digest())
                else:
                    send(b'+', number, block)
            at += CHUNK
        send_json(b'.', identity(os.fstat(fd)))
    finally:
        os.close(fd)


def check(info, ask):
    if ask.get('identity') not in (None, identity(info)):
        raise Refused('it has changed since it was listed')
    return info.st_size


def read(ask):
    fd = open_elf(unhexlify(ask['path'].encode('ascii')), CORE if ask['core'] else EXECUTABLES)
    try:
        send(b'r', ask['start'], read_at(fd, ask['start'], min(ask['length'], CHUNK)))
    finally:
        os.close(fd)


def delete(ask):
    path = unhexlify(ask['path'].encode('ascii'))
    check(os.lstat(path), ask)
    os.unlink(path)
    send_json(b'.', [])


def debug(ask):
    executable = ask['executable'].encode('utf-8')
    if not executable.startswith(b'/'):
        # A core dump that was made up may call it an option of gdb.
        raise Refused('its executable has no path')
    fd = open_elf(unhexlify(ask['path'].encode('ascii')), CORE)
    try:
        info = os.fstat(fd)

        def become_owner():
            # Nobody's core dump is worth being read by a debugger that may do anything.
            if os.geteuid() == 0 and info.st_uid != 0:
                os.setgroups([])
                os.setgid(info.st_gid)
                os.setuid(info.st_uid)

        command = ['timeout', '-k', '5', '120', 'gdb'] + ask['options'] + [executable, '/proc/self/fd/0']
        gdb = subprocess.Popen(command, stdin=fd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd='/',
                               preexec_fn=become_owner)
        text = gdb.stdout.read(LONGEST)
        gdb.stdout.close()
        gdb.wait()
        send(b't', gdb.returncode & 0xff, text)
    finally:
        os.close(fd)


def serve():
    with open('/proc/sys/kernel/core_pattern') as pattern:
        send_json(b'v', {'core_pattern': pattern.read().strip(), 'root': os.geteuid() == 0})
    out.flush()
    asks = {'list': list_cores, 'fetch': fetch, 'read': read, 'delete': delete, 'debug': debug}
    for line in iter(sys.stdin.readline, ''):
        ask = json.loads(line)
        try:
            asks[ask['do']](ask)
            if ask['do'] == 'list':
                send_json(b'.', [])
        except (OSError, Refused) as error:
            send(b'!', getattr(error, 'errno', 0) or 0, str(getattr(error, 'strerror', error)).encode('utf-8'))
        out.flush()


try:
    serve()
except (IOError, OSError, KeyboardInterrupt):
    os._exit(1)
