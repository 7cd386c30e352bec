// The program of the container that is 169.254.169.254 for the groups of an emulator. It takes one connection after the
// other, hands who it is from and what it asks to the emulator through its standard output, and gives back what comes on its
// standard input. It needs no library and has no other way out.
//
// Out: address (4 bytes), length (4 bytes, big-endian), the head of the request. In: length, the whole answer; no length
// means that the connection is to be broken. All zeros are sent once, when it listens.

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, CLOSE = 3, SOCKET = 41, ACCEPT = 43, SENDTO = 44, SHUTDOWN = 48, BIND = 49, LISTEN = 50, SETSOCKOPT = 54, EXIT = 60, CLOCK_GETTIME = 228 };
static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
#elif defined(__aarch64__)
enum { CLOSE = 57, READ = 63, WRITE = 64, EXIT = 93, CLOCK_GETTIME = 113, SOCKET = 198, BIND = 200, LISTEN = 201, ACCEPT = 202, SENDTO = 206, SETSOCKOPT = 208, SHUTDOWN = 210 };
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}
#endif

enum { AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_LINGER = 13, SO_RCVTIMEO = 20, SO_SNDTIMEO = 21, MSG_NOSIGNAL = 0x4000, CLOCK_MONOTONIC = 1 };
// A head longer than this, or one that takes longer, is nobody's business.
enum { LONGEST = 16384, SECONDS = 2 };

struct address { unsigned short family; unsigned char port[2], host[4], rest[8]; };
struct pair { long seconds, fraction; };
struct linger { int is_on, seconds; };

static unsigned char request[8 + LONGEST], answer[65536];

static void end(void) {
  for (;;) call(EXIT, 1, 0, 0, 0, 0, 0);
}

static void write_all(const unsigned char *data, long length) {
  while (length > 0) {
    long done = call(WRITE, 1, (long)data, length, 0, 0, 0);
    if (done <= 0) end();
    data += done;
    length -= done;
  }
}

// The emulator is gone when nothing comes any more, and then so is the reason to be here.
static void read_all(unsigned char *data, long length) {
  while (length > 0) {
    long done = call(READ, 0, (long)data, length, 0, 0, 0);
    if (done <= 0) end();
    data += done;
    length -= done;
  }
}

static long now(void) {
  struct pair time;
  call(CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&time, 0, 0, 0, 0);
  return time.seconds;
}

// Reads up to the empty line that ends a head. Answers its length, or 0 if it does not come.
static long read_head(long connection, unsigned char *data) {
  long length = 0, began = now();
  while (length < LONGEST && now() - began <= SECONDS) {
    long done = call(READ, connection, (long)(data + length), LONGEST - length, 0, 0, 0);
    if (done <= 0) return 0;
    long from = length > 3 ? length - 3 : 0;
    length += done;
    for (long at = from; at + 3 < length; at++)
      if (data[at] == '\r' && data[at + 1] == '\n' && data[at + 2] == '\r' && data[at + 3] == '\n') return length;
  }
  return 0;
}

static void serve(long connection, const struct address *from) {
  struct pair patience = {SECONDS, 0};
  struct linger broken = {1, 0};
  call(SETSOCKOPT, connection, SOL_SOCKET, SO_RCVTIMEO, (long)&patience, sizeof patience, 0);
  call(SETSOCKOPT, connection, SOL_SOCKET, SO_SNDTIMEO, (long)&patience, sizeof patience, 0);
  long length = read_head(connection, request + 8), told = 0;
  if (length > 0) {
    for (int i = 0; i < 4; i++) request[i] = from->host[i];
    for (int i = 0; i < 4; i++) request[4 + i] = (unsigned char)(length >> (24 - 8 * i));
    write_all(request, 8 + length);
    read_all(answer, 4);
    told = (long)answer[0] << 24 | (long)answer[1] << 16 | (long)answer[2] << 8 | answer[3];
    if (told > (long)sizeof answer) end();
    read_all(answer, told);
  }
  if (told == 0) call(SETSOCKOPT, connection, SOL_SOCKET, SO_LINGER, (long)&broken, sizeof broken, 0);
  for (long sent = 0; sent < told;) {
    long done = call(SENDTO, connection, (long)(answer + sent), told - sent, MSG_NOSIGNAL, 0, 0);
    if (done <= 0) break;
    sent += done;
  }
  call(CLOSE, connection, 0, 0, 0, 0, 0);
}

void _start(void) {
  struct address own = {AF_INET, {0, 80}, {169, 254, 169, 254}, {0}};
  long listener = call(SOCKET, AF_INET, SOCK_STREAM, 0, 0, 0, 0);
  if (call(BIND, listener, (long)&own, sizeof own, 0, 0, 0) < 0 || call(LISTEN, listener, 128, 0, 0, 0, 0) < 0) end();
  write_all(request, 8);
  for (;;) {
    struct address from;
    int size = sizeof from;
    long connection = call(ACCEPT, listener, (long)&from, (long)&size, 0, 0, 0);
    if (connection >= 0) serve(connection, &from);
  }
}
