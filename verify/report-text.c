/* report-text.c - see report-text.h. */
#include "report-text.h"

#include "foresee.h"
#include "program.h"
#include "redefine.h"
#include "report.h"
#include "tree.h"

struct tally
tally_of(const struct problems *problems, const bool *known,
         const struct policy *policy)
{
    struct tally tally = {0};

    for (size_t i = 0; i < problems->count; i++) {
        enum severity severity = policy->severity[problems->list[i].id];

        if (known[i] && severity != SEVERITY_IGNORE)
            tally.known++;
        else
            tally.count[severity]++;
    }
    return tally;
}

/* The trees, and what an upgrade and a downgrade would make of them. */
static void
print_trees(FILE *out, const struct listing *listing)
{
    size_t upgrade = 0, downgrade = 0;

    for (size_t i = 0; i < listing->count; i++) {
        const struct listed_domain *domain = &listing->list[i];

        tree_print(out, domain);
        if (listing->kind == KIND_CHECKPOINT)
            redefine_print(out, domain);
        upgrade += foresee_lost(domain, LAYOUT_LEGACY, LAYOUT_BULK);
        downgrade += foresee_lost(domain, LAYOUT_BULK, LAYOUT_LEGACY);
    }
    if (listing->kind == KIND_CHECKPOINT)
        return;
    fprintf(out,
            "%s would vanish after an upgrade to a libvirt with bulk files, "
            "%zu after a downgrade without export\n",
            count_of(upgrade, "snapshot", "snapshots").text, downgrade);
}

static void
print_summary(FILE *out, const struct listing *listing,
              const struct tally *tally)
{
    size_t snapshots = 0;

    for (size_t i = 0; i < listing->count; i++)
        snapshots += listing->list[i].seen;
    fprintf(
        out, "%s, %s: %s, %s",
        count_of(listing->count, "domain", "domains").text,
        count_of(snapshots, kind_info(listing->kind)->name,
                 kind_info(listing->kind)->plural)
            .text,
        count_of(tally->count[SEVERITY_ERROR], "error", "errors").text,
        count_of(tally->count[SEVERITY_WARNING], "warning", "warnings").text);
    if (tally->count[SEVERITY_IGNORE])
        fprintf(out, "; %zu ignored", tally->count[SEVERITY_IGNORE]);
    if (tally->known)
        fprintf(out, "; %zu known", tally->known);
    if (listing->trouble.count)
        fprintf(out, "; %zu could not be checked", listing->trouble.count);
    fprintf(out, "\n");
}

void
report_text(FILE *out, const struct listing *listing, const bool *known,
            const struct tally *tally, const struct choice *choice, bool trees)
{
    const struct policy *policy = &choice->policy;

    if (trees)
        print_trees(out, listing);
    for (size_t i = 0; i < listing->problems.count; i++) {
        const struct problem *problem = &listing->problems.list[i];
        enum severity severity = policy->severity[problem->id];

        if (!known[i] && severity != SEVERITY_IGNORE)
            report_problem(out, problem, severity, choice->verbose);
    }
    if (!choice->quiet)
        print_summary(out, listing, tally);
}
