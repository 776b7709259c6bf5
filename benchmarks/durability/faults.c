/* Preloaded into a server: lets writes and syncs of files below FAULT_DIR fail, as the file FAULT_CAUSE says:
   "write" and "sync" with EIO, "readonly" all that changes anything with EROFS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int caused(const char *cause)
{
    static int (*real_open)(const char *, int, ...);
    static ssize_t (*real_read)(int, void *, size_t);
    char now[16] = "";
    int file;
    if (!real_open) real_open = dlsym(RTLD_NEXT, "open");
    if (!real_read) real_read = dlsym(RTLD_NEXT, "read");
    file = real_open(getenv("FAULT_CAUSE"), O_RDONLY);
    if (file < 0) return 0;
    if (real_read(file, now, sizeof now - 1) < 0) now[0] = 0;
    close(file);
    return strcmp(now, cause) == 0;
}

static int ours(const char *path)
{
    return strncmp(path, getenv("FAULT_DIR"), strlen(getenv("FAULT_DIR"))) == 0;
}

static int ours_open(int file)
{
    char link[64], path[4096];
    ssize_t length;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return ours(path);
}

static int refused(int file, const char *cause)
{
    if (!ours_open(file)) return 0;
    if (caused("readonly")) { errno = EROFS; return 1; }
    if (caused(cause)) { errno = EIO; return 1; }
    return 0;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, name)

ssize_t write(int file, const void *data, size_t size)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    return refused(file, "write") ? -1 : real(file, data, size);
}

int fsync(int file)
{
    REAL(int, "fsync", int);
    return refused(file, "sync") ? -1 : real(file);
}

int fdatasync(int file)
{
    REAL(int, "fdatasync", int);
    return refused(file, "sync") ? -1 : real(file);
}

int ftruncate(int file, off_t size)
{
    REAL(int, "ftruncate", int, off_t);
    return refused(file, "write") ? -1 : real(file, size);
}

int ftruncate64(int file, off64_t size)
{
    REAL(int, "ftruncate64", int, off64_t);
    return refused(file, "write") ? -1 : real(file, size);
}

int rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *);
    if (ours(to) && caused("readonly")) { errno = EROFS; return -1; }
    return real(from, to);
}

static int opened(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) && ours(path) && caused("readonly")) { errno = EROFS; return -1; }
    return real(path, flags, mode);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        mode_t mode; \
        va_start(rest, flags); \
        mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return opened(#name, path, flags, mode); \
    }

OPEN(open)
OPEN(open64)
