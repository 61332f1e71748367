/* beside.c - see beside.h. */
#include "beside.h"

#include <string.h>

#include "base.h"
#include "defined.h"
#include "error.h"
#include "permission.h"
#include "program.h"
#include "survey.h"

int
beside_open(struct beside *beside, const struct base *base,
            const struct wishes *wishes, struct problems *problems,
            struct messages *trouble, struct error *error)
{
    *beside = (struct beside){
        .definitions = {.persistent = {.fd = -1}, .transient = {.fd = -1}},
        .images = {.records = {.from = {.root = -1}}},
        .base = base,
        .check_images = wishes->check_images,
        .live = wishes->live,
    };
    if (definitions_read(&beside->definitions, base, wishes->domains_dir,
                         wishes->prefix, error) < 0 ||
        (beside->check_images &&
         images_open(&beside->images, wishes->prefix, error) < 0))
        return -1;
    if (beside->definitions.forbidden)
        messages_add(trouble,
                     "the definitions of the domains may not be read; nothing "
                     "could be compared with them");
    return beside->live ? permission_check_base(&base->root, problems, error)
                        : 0;
}

void
beside_close(struct beside *beside)
{
    definitions_close(&beside->definitions);
    images_close(&beside->images);
}

int
beside_check(struct beside *beside, const struct holding *holding,
             struct reading *reading, struct messages *trouble,
             struct error *error)
{
    definition_check(&beside->definitions, &reading->domain[LAYOUT_LEGACY],
                     &reading->problems);
    definition_check(&beside->definitions, &reading->domain[LAYOUT_BULK],
                     &reading->problems);
    defined_check(&beside->definitions, holding, reading, trouble);
    if (beside->check_images)
        images_check(&beside->images, holding, reading, &beside->definitions,
                     trouble);
    return beside->live ? permission_check(&beside->base->root, holding,
                                           &reading->problems, error)
                        : 0;
}

static bool
survey_has(const struct survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->count; i++) {
        if (!strcmp(survey->list[i].name, name))
            return true;
    }
    return false;
}

void
beside_finish(struct beside *beside, const struct survey *survey,
              const struct choice *choice, struct problems *problems,
              struct messages *trouble)
{
    const struct definitions *definitions = &beside->definitions;

    if (!beside->check_images)
        return;
    for (size_t i = 0; i < definitions->count; i++) {
        const char *name = definitions->list[i].name;

        if ((!i || strcmp(definitions->list[i - 1].name, name) != 0) &&
            choice_has(choice, name) && !survey_has(survey, name))
            images_check_defined(&beside->images, name, definitions, trouble);
    }
    images_finish(&beside->images, problems, trouble);
}
