/* hint.c - see hint.h. */
#include "hint.h"

#include <string.h>

#include "../verify/cleanup.h"
#include "../verify/error.h"
#include "../verify/layout.h"
#include "../verify/memory.h"
#include "../verify/target.h"

void
hint_directory(const char *path, struct error *error)
{
    struct target target;
    struct error ignored = {0};
    cleanup(free_ptr) char *hint = NULL;
    const char *entry;

    /* Any other file is taken for one of a snapshot that is badly damaged. */
    if (target_find(&target, path, &ignored) < 0 ||
        !(target.kind == TARGET_BULK ||
          (target.kind == TARGET_SNAPSHOT && has_xml_suffix(path)))) {
        (void)error_append(error, "; name a snapshot directory");
    } else {
        entry = target.entry;
        hint = xasprintf(
            "; name the snapshot directory that it lies in, '%s', "
            "and for this domain alone --domain='%.*s'",
            target.base,
            (int)strlen(entry) -
                (target.kind == TARGET_BULK && has_xml_suffix(entry) ? 4 : 0),
            entry);
        (void)error_append(error, hint);
    }
    target_free(&target);
    error_clear(&ignored);
}
