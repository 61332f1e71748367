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

/* Going down the trees. */
struct descent {
    const struct listed_domain *domain;
    size_t cut; /* depth of the one below which none can be redefined */
};

static struct descent
start(const struct listed_domain *domain)
{
    return (struct descent){domain, domain->count};
}

/* Why the next one cannot be redefined; or NULL. */
static const char *
hinders(struct descent *descent, const struct listed_snapshot *checkpoint)
{
    const char *why = NULL;

    if (checkpoint->showing[LAYOUT_LEGACY] == SHOWING_HIDDEN)
        why = "libvirt does not read it";
    else if (checkpoint->showing[LAYOUT_LEGACY] == SHOWING_ROOT)
        why = "its parent is not there, or comes from it";
    else if (!checkpoint->has_created)
        why = "it was not read";
    else if (checkpoint->refused)
        why = "its disks do not fit its <domain>";
    else if (checkpoint->depth > descent->cut)
        why = "it comes from one that cannot be redefined";
    if (checkpoint->depth <= descent->cut)
        descent->cut = why ? checkpoint->depth : descent->domain->count;
    return why;
}

void
redefine_print(FILE *out, const struct listed_domain *domain)
{
    struct descent descent = start(domain);
    size_t number = 0;

    if (domain->count)
        fprintf(out, "  to redefine them, in this order (--format=sh):\n");
    for (size_t i = 0; i < domain->count; i++) {
        const struct listed_snapshot *checkpoint = &domain->list[i];
        cleanup(free_ptr) char *name = escape_text(checkpoint->name);
        const char *why = hinders(&descent, checkpoint);

        if (why)
            fprintf(out, "    not '%s': %s\n", name, why);
        else
            fprintf(out, "    %zu. %s\n", ++number, name);
    }
}

void
redefine_script(FILE *out, const struct listed_domain *domain, const char *base)
{
    struct descent descent = start(domain);

    for (size_t i = 0; i < domain->count; i++) {
        const struct listed_snapshot *checkpoint = &domain->list[i];
        cleanup(free_ptr) char *name = escape_text(checkpoint->name);
        cleanup(free_ptr) char *path =
            xasprintf("%s/%s", base, checkpoint->file);
        cleanup(buffer_free) struct buffer words = {0};
        const char *why = hinders(&descent, checkpoint);

        if (why) {
            fprintf(out, "# not '%s': %s\n", name, why);
            continue;
        }
        buffer_puts(&words, "virsh checkpoint-create --domain=");
        shell_word(&words, domain->name);
        buffer_puts(&words, " --xmlfile=");
        shell_word(&words, path);
        buffer_puts(&words, " --redefine\n");
        (void)fwrite(words.data, 1, words.len, out);
    }
}
