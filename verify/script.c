/* script.c - see script.h. */
#include "script.h"

#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "escape.h"
#include "listing.h"
#include "putback.h"
#include "redefine.h"

/* Where the domain lies, and its name. */
static void
print_domain(FILE *out, const struct listed_domain *domain)
{
    cleanup(free_ptr) char *name = escape_text(domain->name);

    fprintf(out, "# domain '%s'\n", name);
}

void
script_print(FILE *out, const struct listing *listing)
{
    bool any = false;

    if (listing->kind != KIND_CHECKPOINT) {
        putback_script(out, &listing->problems);
        return;
    }
    for (size_t i = 0; i < listing->count; i++)
        any = any || listing->list[i].count;
    if (!any) {
        fprintf(out, "# nothing to do\n");
        return;
    }
    fprintf(out, "# While libvirt runs, and the domains are defined:\n");
    for (size_t i = 0; i < listing->count; i++) {
        const struct listed_domain *domain = &listing->list[i];

        print_domain(out, domain);
        redefine_script(out, domain,
                        domain->base ? domain->base : listing->base);
    }
}
