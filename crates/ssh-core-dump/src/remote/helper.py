"""Runs on a node with Python 2.6 or later: lists core dumps, sends them, and reads parts of them and of executables.

Reads a JSON object per line from stdin and writes frames to stdout: kind, number, lengths, SHA-256, and the payload
compressed by zlib. Ends when stdin ends. Writes nothing to the node's disks, and follows no symbolic link.
"""
import errno, hashlib, json, os, stat, struct, subprocess, sys, threading, time, zlib
from binascii import hexlify, unhexlify

CHUNK = 1 << 20
ZEROS = b'\0' * CHUNK
LONGEST = 8 << 20
# The most bytes of heads, and the most core dumps, in one list.
HEADS, MOST = 48 << 20, 10000
# How many seconds a file or folder may take, and how many slow files end the list of a folder.
PATIENCE, SLOW = 10, 3
# The longest silence in seconds while a file is sent.
SILENCE = 5
CORE, EXECUTABLES = (4,), (2, 3)
PACKED = (b'\x28\xb5\x2f\xfd', b'\x04\x22\x4d\x18', b'\xfd7zXZ\0', b'\x1f\x8b', b'BZh')
out = os.fdopen(os.dup(1), 'wb', 1 << 16)
os.dup2(2, 1)


class Refused(Exception):
    pass


class Late(Exception):
    pass


def send(kind, number=0, data=b''):
    packed = zlib.compress(data, 1)
    out.write(struct.pack('>cQII', kind, number, len(data), len(packed)) + hashlib.sha256(data).digest() + packed)


def send_json(kind, value):
    send(kind, 0, json.dumps(value).encode('ascii'))


def read_at(fd, start, length):
    try:
        os.lseek(fd, start, 0)
    except (OSError, OverflowError):
        # An offset in a core dump may be beyond any file.
        return b''
    parts = []
    while length > 0:
        part = os.read(fd, min(length, CHUNK))
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b''.join(parts)


def open_regular(path):
    # Every user may write to /tmp/cores: a link may lead anywhere, and opening a FIFO would block.
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise Refused('not a regular file')


def is_elf(head, types):
    # A file cut before its type may be of any type.
    order = {b'\1': '<H', b'\2': '>H'}.get(head[5:6])
    return head[:4] == b'\x7fELF' and (len(head) < 18 or bool(order) and struct.unpack(order, head[16:18])[0] in types)


def open_elf(path, types):
    fd = open_regular(path)
    try:
        if is_elf(read_at(fd, 0, 18), types):
            return fd
        raise Refused('not an ELF file of this kind')
    except Exception:
        os.close(fd)
        raise


def identity(info):
    # Any user may set the time of a file, to before 1970 or far in the future.
    written = getattr(info, 'st_mtime_ns', int(info.st_mtime * 1e6) * 1000)
    return [info.st_size, min(max(written, 0), (1 << 63) - 1), info.st_ino]


def heads(fd, room):
    # The ELF header, the program headers and the notes. The kernel writes them in a row, but gdb writes notes after all
    # memory.
    start = read_at(fd, 0, 64)
    pieces = [(0, start)]
    if len(start) < 64 or start[4:6] != b'\2\1':
        return pieces
    (table, sections), (size, count) = struct.unpack('<QQ', start[32:48]), struct.unpack('<HH', start[54:58])
    if count == 0xffff:
        # A number that does not fit there is in the first section header.
        pieces.append((sections + 44, read_at(fd, sections + 44, 4)))
        count = struct.unpack('<I', pieces[-1][1].ljust(4, b'\0'))[0]
    if size != 56:
        return pieces
    headers = read_at(fd, table, min(count * size, room // 2))
    pieces.append((table, headers))
    room //= 2
    for at in range(0, len(headers) - 55, 56):
        kind, _, offset, _, _, length = struct.unpack('<IIQQQQ', headers[at:at + 40])
        if kind == 4 and room > 0 and len(pieces) < 16:
            pieces.append((offset, read_at(fd, offset, min(length, room))))
            room -= len(pieces[-1][1])
    return pieces


def look(path, room):
    # The frames about a file; none if it is not a core dump.
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return []
    fd = open_regular(path)
    try:
        info, magic = os.fstat(fd), read_at(fd, 0, 18)
        if is_elf(magic, CORE):
            frames = [(b'h', offset & (1 << 64) - 1, piece) for offset, piece in heads(fd, room)]
            core = {'path': hexlify(path).decode('ascii'), 'identity': identity(info),
                    'stored': info.st_blocks * 512, 'mine': info.st_uid == os.geteuid()}
            return frames + [(b'c', 0, json.dumps(core).encode('ascii'))]
        if b'core' in path.lower() and (magic.startswith(PACKED) or not magic and not info.st_size):
            return [(b'z' if magic else b'e', max(int(info.st_mtime), 0), path)]
        return []
    finally:
        os.close(fd)


def within(limit, work, *args):
    # A read from a disk that hangs never returns, and no signal interrupts it. So it gets a thread.
    done = []

    def run():
        try:
            done.append((work(*args), None))
        except Exception:
            done.append((None, sys.exc_info()[1]))

    thread = threading.Thread(target=run)
    thread.daemon = True
    thread.start()
    thread.join(limit)
    value, error = done[0] if done else (None, Late('it has not answered for %d s' % limit))
    if error:
        raise error
    return value


def reason(error):
    return str(getattr(error, 'strerror', None) or error).encode('utf-8')


def list_cores(ask):
    listing = {'room': HEADS, 'count': 0}
    for folder in ask['folders']:
        folder = folder.encode('utf-8')
        try:
            names = sorted(within(PATIENCE, os.listdir, folder))
        except Exception:
            error = sys.exc_info()[1]
            if getattr(error, 'errno', 0) != errno.ENOENT:
                send(b'!', getattr(error, 'errno', 0) or 0, folder + b': ' + reason(error))
            continue
        list_folder(folder, names, listing)


def list_folder(folder, names, listing):
    late = 0
    for at, name in enumerate(names):
        if late == SLOW or listing['count'] == MOST:
            why = 'files did not answer' if late == SLOW else 'core dumps are enough'
            rest = '%d more files are not looked at, because %d %s' % (len(names) - at, late or MOST, why)
            send(b'!', 0, folder + b': ' + rest.encode('ascii'))
            return
        path = os.path.join(folder, name)
        try:
            frames = within(PATIENCE, look, path, max(4096, min(LONGEST, listing['room'] // 2)))
        except Exception:
            error = sys.exc_info()[1]
            late += isinstance(error, Late)
            frames = unreadable(path, error)
        for frame in frames:
            send(*frame)
            listing['room'] -= len(frame[2])
        listing['count'] += bool(frames)
        out.flush()


def unreadable(path, error):
    number = getattr(error, 'errno', 0) or 0
    if number in (errno.ENOENT, errno.ELOOP) or isinstance(error, Refused):
        # The file is gone or was replaced.
        return []
    if number in (errno.EACCES, errno.EPERM):
        return [(b'?', 0, path)]
    return [(b'!', number, path + b': ' + reason(error))]


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
        at, said = 0, time.time()
        while at < size:
            if abs(time.time() - said) > SILENCE:
                send(b'~')
                out.flush()
                said = time.time()
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
        # In a forged core dump this may be an option of gdb.
        raise Refused('its executable has no path')
    fd = open_elf(unhexlify(ask['path'].encode('ascii')), CORE)
    try:
        info = os.fstat(fd)

        def become_owner():
            # A debugger run as root could be misused by a forged core dump, so it runs as the owner.
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
        except Exception:
            error = sys.exc_info()[1]
            send(b'!', getattr(error, 'errno', 0) or 0, reason(error))
        if ask['do'] == 'list':
            send_json(b'.', [])
        out.flush()


try:
    serve()
except (IOError, OSError, KeyboardInterrupt):
    os._exit(1)
