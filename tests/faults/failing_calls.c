/*
 * Loaded before the C library (LD_PRELOAD): the Nth allocation, or the Nth write or sync of a file, of the
 * process fails, or the Nth call that changes what is on a disk for good is its end, as a test that shares
 * the file $FAILING_CALLS with it says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the file holds; the test knows the order. */
struct orders {
	atomic_llong allocation, write,
	    sync; /* how many calls are left until one fails; 0 or less: none will */
	atomic_llong failed; /* how many have */
	atomic_llong end; /* how many calls are left until one is the last thing that happens */
};

static struct orders none;
static struct orders *orders = &none;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FAILING_CALLS");
	int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
	void *p;

	if (fd == -1)
		return;
	p = mmap(NULL, sizeof(*orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		orders = p;
}

/* Count a call; return whether it is the one that is to fail. */
static bool
fails(atomic_llong *left)
{
	if (atomic_load_explicit(left, memory_order_relaxed) <= 0 || atomic_fetch_sub(left, 1) != 1)
		return false;
	atomic_fetch_add(&orders->failed, 1);
	return true;
}

/* Count a call that changes the disk; be gone, as if by kill -9, before the one that is ordered. */
static void
step(void)
{
	if (atomic_load_explicit(&orders->end, memory_order_relaxed) > 0 &&
	    atomic_fetch_sub(&orders->end, 1) == 1) {
		atomic_fetch_add(&orders->failed, 1);
		kill(getpid(), SIGKILL);
	}
}

static bool
is_file(int fd)
{
	struct stat s;

	return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

void *
malloc(size_t n)
{
	if (!fails(&orders->allocation))
		return __libc_malloc(n);
	errno = ENOMEM;
	return NULL;
}

void *
calloc(size_t n, size_t size)
{
	if (!fails(&orders->allocation))
		return __libc_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
realloc(void *p, size_t n)
{
	if (!fails(&orders->allocation))
		return __libc_realloc(p, n);
	errno = ENOMEM;
	return NULL;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t
write(int fd, const void *p, size_t n)
{
	if (is_file(fd) && fails(&orders->write)) {
		errno = EIO;
		return -1;
	}
	return REAL(write)(fd, p, n);
}

ssize_t
pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	step();
	if (fails(&orders->write)) {
		errno = ENOSPC;
		return -1;
	}
	return REAL(pwrite64)(fd, p, n, at);
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t at)
{
	step();
	if (fails(&orders->write)) {
		errno = ENOSPC;
		return -1;
	}
	return REAL(pwrite)(fd, p, n, at);
}

int
ftruncate64(int fd, off64_t n)
{
	step();
	if (fails(&orders->write)) {
		errno = EIO;
		return -1;
	}
	return REAL(ftruncate64)(fd, n);
}

int
fdatasync(int fd)
{
	step();
	if (fails(&orders->sync)) {
		errno = EIO;
		return -1;
	}
	return REAL(fdatasync)(fd);
}

int
fsync(int fd)
{
	step();
	if (fails(&orders->sync)) {
		errno = EIO;
		return -1;
	}
	return REAL(fsync)(fd);
}

int
rename(const char *from, const char *to)
{
	step();
	return REAL(rename)(from, to);
}

int
symlink(const char *target, const char *path)
{
	step();
	return REAL(symlink)(target, path);
}

int
unlink(const char *path)
{
	step();
	return REAL(unlink)(path);
}
