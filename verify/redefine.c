/* redefine.c - see redefine.h. */
#include "redefine.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "layout.h"
#include "listing.h"
#include "memory.h"
#include "shell.h"

static void
print_command(FILE *out, const char *domain, const char *path)
{
    cleanup(buffer_free) struct buffer words = {0};

    shell_word(&words, domain);
    buffer_puts(&words, " --xmlfile=");
    shell_word(&words, path);
    buffer_add(&words, "", 1);
    fprintf(out, "    virsh checkpoint-create --domain=%s --redefine\n",
            words.data);
}

/* Why not; or NULL. */
static const char *
hinders(const struct listed_snapshot *checkpoint, bool below)
{
    if (checkpoint->showing[LAYOUT_LEGACY] == SHOWING_HIDDEN)
        return "libvirt does not read it";
    if (checkpoint->showing[LAYOUT_LEGACY] == SHOWING_ROOT)
        return "its parent is not there, or comes from it";
    if (!checkpoint->has_created)
        return "it was not read";
    return below ? "it comes from one that cannot be redefined" : NULL;
}

void
redefine_print(FILE *out, const struct listed_domain *domain, const char *base)
{
    size_t cut = domain->count; /* the least depth below which none can be */

    if (domain->count)
        fprintf(out, "  to redefine them, in this order:\n");
    for (size_t i = 0; i < domain->count; i++) {
        const struct listed_snapshot *checkpoint = &domain->list[i];
        const char *why = hinders(checkpoint, checkpoint->depth > cut);

        if (checkpoint->depth <= cut)
            cut = why ? checkpoint->depth : domain->count;
        if (why) {
            cleanup(free_ptr) char *name = escape_text(checkpoint->name);

            fprintf(out, "    # not '%s': %s\n", name, why);
        } else {
            cleanup(free_ptr) char *path =
                xasprintf("%s/%s", base, checkpoint->file);

            print_command(out, domain->name, path);
        }
    }
}
