/*
 * pin.h - make a RELAX NG schema ready to be moved into another document: what
 * a name or value takes from around it (namespace, datatype library) is written
 * down at itself. Used by grammar.c only.
 */
#ifndef PIN_H
#define PIN_H

#include <libxml/tree.h>

/*
 * Write down at each name and value below ROOT what holds where it stands, and
 * names and types without the blanks around them; and each choice of names
 * without choices in it.
 */
void pin_schema(xmlNode *root);

#endif
