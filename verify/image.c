/* image.c - see image.h. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beneath.h"
#include "cleanup.h"
#include "command.h"
#include "error.h"
#include "json.h"
#include "memory.h"
#include "root.h"

/* qemu-img takes some milliseconds; a remote file system may hang. */
#define SECONDS_MAX 60
/* 65536 snapshots, which qcow2 allows, with the longest names. */
#define OUTPUT_MAX 67108864

/* Find PATH without opening what it is: no device is woken, no fifo waits. */
static int
locate(const struct images_from *from, const char *path)
{
    if (from->root < 0)
        return open(path, O_PATH | O_CLOEXEC);
    return beneath_open(from->root, path, O_PATH | O_CLOEXEC);
}

enum image_state
image_find(const struct images_from *from, const char *path, char **why)
{
    cleanup(close_fd) int fd = -1;
    struct stat stat;

    *why = NULL;
    if (path[0] != '/') {
        *why = xstrdup("it is no absolute name");
        return IMAGE_UNCERTAIN;
    }
    fd = locate(from, path);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return IMAGE_MISSING;
    if (fd < 0 || fstat(fd, &stat) < 0) {
        *why = xstrdup(strerror(errno));
        return IMAGE_UNCERTAIN;
    }
    if (S_ISREG(stat.st_mode) || S_ISBLK(stat.st_mode))
        return IMAGE_PRESENT;
    *why = xasprintf("it is %s", type_name(stat.st_mode));
    return IMAGE_MISSING;
}

/* Open for reading what was found; it cannot become another on the way. */
static int
open_image(const struct images_from *from, const char *path, bool *block,
           struct error *error)
{
    cleanup(close_fd) int found = locate(from, path);
    cleanup(free_ptr) char *again = NULL;
    struct stat stat;
    int fd;

    if (found < 0 || fstat(found, &stat) < 0)
        return error_set(error, errno, "it cannot be opened");
    if (!S_ISREG(stat.st_mode) && !S_ISBLK(stat.st_mode))
        return error_set(error, 0, "it is %s", type_name(stat.st_mode));
    *block = S_ISBLK(stat.st_mode);
    again = xasprintf("/proc/self/fd/%d", found);
    fd = open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, errno, "it cannot be opened");
    return fd;
}

/* The value of "name" in an object that has begun; the rest is skipped. */
static enum json_kind
read_snapshot(struct json *json, struct tags *tags)
{
    cleanup(free_ptr) char *name = NULL;
    enum json_kind kind;

    while ((kind = json_next(json)) == JSON_KEY) {
        bool is_name = !strcmp(json->text.data, "name");

        kind = json_next(json);
        if (is_name && kind == JSON_STRING && !name)
            name = xstrdup(json->text.data);
        else
            kind = json_skip(json, kind);
        if (kind == JSON_BAD)
            return kind;
    }
    if (kind != JSON_OBJECT_END || !name)
        return JSON_BAD;
    tags->list = xgrow(tags->list, tags->count, sizeof(*tags->list));
    tags->list[tags->count++] = steal_ptr(&name);
    return kind;
}

static enum json_kind
read_snapshots(struct json *json, struct tags *tags)
{
    enum json_kind kind = json_next(json);

    if (kind != JSON_ARRAY)
        return JSON_BAD;
    while ((kind = json_next(json)) == JSON_OBJECT) {
        if (read_snapshot(json, tags) == JSON_BAD)
            return JSON_BAD;
    }
    return kind == JSON_ARRAY_END ? kind : JSON_BAD;
}

static void
free_json(struct json *json)
{
    json_free(json);
}

static int
compare_tags(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

int
tags_read(struct tags *tags, const char *bytes, size_t len, const char *format)
{
    cleanup(free_json) struct json json = json_start(bytes, len);
    enum json_kind kind = json_next(&json);
    bool right = false;

    if (kind != JSON_OBJECT)
        return -1;
    while ((kind = json_next(&json)) == JSON_KEY) {
        if (!strcmp(json.text.data, "snapshots")) {
            kind = read_snapshots(&json, tags);
        } else if (!strcmp(json.text.data, "format")) {
            kind = json_next(&json);
            right = kind == JSON_STRING && !strcmp(json.text.data, format);
            if (!right)
                return -1;
        } else {
            kind = json_skip(&json, kind);
        }
        if (kind == JSON_BAD)
            return -1;
    }
    if (!right || kind != JSON_OBJECT_END || json_next(&json) != JSON_END)
        return -1;
    if (tags->count)
        qsort(tags->list, tags->count, sizeof(*tags->list), compare_tags);
    return 0;
}

size_t
tags_find(const struct tags *tags, const char *name)
{
    const char *const *found = tags->count
                                   ? bsearch(&name, tags->list, tags->count,
                                             sizeof(*tags->list), compare_tags)
                                   : NULL;

    return found ? (size_t)((char *const *)found - tags->list) : NO_TAG;
}

void
tags_free(struct tags *tags)
{
    for (size_t i = 0; i < tags->count; i++)
        free(tags->list[i]);
    free(tags->list);
    *tags = (struct tags){0};
}

/* qemu-img failed: why, but not how it calls itself and the image. */
static int
set_complaint(const struct command *command, struct error *error)
{
    static const char usual[] = "qemu-img: Could not open '";
    cleanup(free_ptr) char *text =
        xstrndup(command->complaint.len ? command->complaint.data : "",
                 command->complaint.len);
    const char *why = text, *behind = NULL;

    text[strcspn(text, "\n")] = '\0';
    if (!strncmp(text, usual, strlen(usual)))
        behind = strstr(text + strlen(usual), "': ");
    if (behind)
        why = behind + strlen("': ");
    return error_set(error, 0, "%s",
                     why[0] ? why : "qemu-img failed without a word");
}

static void
free_command(struct command *command)
{
    command_free(command);
}

int
image_ask(const struct images_from *from, const char *path, struct tags *tags,
          struct error *error)
{
    bool block = false;
    cleanup(close_fd) int fd = open_image(from, path, &block, error);
    /* -U: somebody may have it open, but we only look. */
    const char *const arguments[] = {
        from->tool,
        "info",
        "--output=json",
        "-U",
        "--image-opts",
        block ? "driver=qcow2,file.driver=host_device,"
                "file.filename=/proc/self/fd/3"
              : "driver=qcow2,file.driver=file,file.filename=/proc/self/fd/3",
        NULL,
    };
    cleanup(free_command) struct command command = {
        .arguments = arguments,
        .fd = fd,
        .timeout = SECONDS_MAX,
        .most = OUTPUT_MAX,
    };

    *tags = (struct tags){0};
    if (fd < 0 || command_run(&command, error) < 0)
        return -1;
    if (command.status)
        return set_complaint(&command, error);
    if (tags_read(tags, command.output.data, command.output.len, "qcow2") < 0) {
        tags_free(tags);
        return error_set(error, 0,
                         "what qemu-img says of it is not understood");
    }
    return 0;
}
