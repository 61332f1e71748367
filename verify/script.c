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
    if (listing->kind == KIND_CHECKPOINT) {
        fprintf(out, "# While libvirt runs, and the domains are defined:\n");
        for (size_t i = 0; i < listing->count; i++) {
            const struct listed_domain *domain = &listing->list[i];

            print_domain(out, domain);
            redefine_script(out, domain,
                            domain->base ? domain->base : listing->base);
        }
        return;
    }
    fprintf(out, "# While libvirt does not run:\n");
    for (size_t i = 0; i < listing->problems.count; i++) {
        const char *command = putback_command(&listing->problems.list[i]);

        if (command)
            fprintf(out, "%s\n", command);
    }
}
