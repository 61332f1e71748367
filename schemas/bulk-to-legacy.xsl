<?xml version="1.0" encoding="UTF-8"?>
<!--
  bulk-to-legacy.xsl: the snapshot metadata of one libvirt QEMU domain, from
  the bulk layout (one file per domain) to the legacy layout (one file per
  snapshot). The inverse of legacy-to-bulk.xsl.

  Usage, one snapshot at a time:

    xsltproc -stringparam name NAME bulk-to-legacy.xsl DOMAIN.xml \
        > DOMAIN/NAME.xml

  or all of them:

    xsltproc bulk-to-legacy.xsl DOMAIN.xml

  (Options of xsltproc may be written with one or two dashes.) Look at the
  exit status: it is not 0, and there is no output, if the file cannot be
  carried over; see "What is refused".

  Input:   a bulk file.
  Output:  with the parameter "name", the legacy file of that snapshot.
           Compare it as canonical XML (xmllint -c14n): the kind of quotes
           and the like are up to the XSLT processor.
           Without it, all legacy files one after the other, in the order of
           the bulk file, inside of an element <legacy>: the input of
           legacy-to-bulk.xsl.

  The mapping:

    * A legacy file is libvirt's warning comment, an empty line, and the
      member <domainsnapshot>, two columns further left.
    * Each gets a last child <active> on a line of its own, 1 for the
      snapshot that current= of <snapshots> names, 0 for the others. Without
      current= no snapshot is current. The bulk reader ignores an <active>
      that a member already has; it is replaced.
    * Comments and text between the members are left behind.

  What is refused, because there is no right answer: a member without name,
  two members of one name, a current= that names none of them, or one that
  fits several only because of a blank (see below). Everything else that may
  be wrong with a snapshot is carried over as it is: this is a mapping, not
  a check.

  Limits:

    * XPath cannot tell a CDATA section from text, nor a character reference
      from the character. The bulk writer leaves an element alone that has a
      CDATA section as a child. In here one of only white space, beside child
      elements, looks like indentation.
    * xsltproc refuses a -stringparam that holds both kinds of quotes. Give
      such a name as an XPath expression; for 6' 2" in a shell:
      -param name "concat('6', \"'\", ' 2', '\"')"
    * A name can be anything but empty; so an empty parameter means all.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings"
                exclude-result-prefixes="str">

  <!-- No indent="yes" and nowhere an xsl:strip-space: white space is
       content. The mapping says itself where it changes. -->
  <xsl:output method="xml" encoding="UTF-8" indent="no"
              omit-xml-declaration="yes"/>

  <!-- the snapshot to write; all of them if it is empty -->
  <xsl:param name="name"/>

  <!-- Members are the children of the root, and only those: anything called
       <domainsnapshot>, <name> or <active> deeper down, in <metadata> say, is
       somebody's data. string() takes the first node, as libvirt does. -->
  <xsl:key name="by-name" match="/snapshots/domainsnapshot"
           use="string(name)"/>

  <xsl:variable name="members" select="/snapshots/domainsnapshot"/>

  <!-- The current snapshot is the one of that very name. But the bulk writer
       puts a tab, newline or carriage return raw into the attribute, and
       then every parser reads a blank; so if there is no such name, the one
       that looks like it with blanks. -->
  <xsl:variable name="same"
                select="$members[../@current = string(name)]"/>
  <xsl:variable name="alike"
                select="$members[../@current
                                 = translate(name, '&#9;&#10;&#13;', '   ')]"/>
  <xsl:variable name="current" select="$same | $alike[not($same)]"/>

  <xsl:template match="/">
    <xsl:call-template name="refuse"/>
    <xsl:choose>
      <xsl:when test="$name != ''">
        <xsl:apply-templates select="key('by-name', $name)" mode="file"/>
      </xsl:when>
      <xsl:otherwise>
        <legacy>
          <xsl:text>&#10;</xsl:text>
          <xsl:apply-templates select="$members" mode="file"/>
        </legacy>
        <xsl:text>&#10;</xsl:text>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Stop where the mapping has no right answer. -->
  <xsl:template name="refuse">
    <xsl:if test="not(/snapshots)">
      <xsl:message terminate="yes">
        <xsl:text>The input is no bulk file: its root is not </xsl:text>
        <xsl:text>&lt;snapshots&gt;.</xsl:text>
      </xsl:message>
    </xsl:if>
    <!-- The bulk reader does not read it; but do not lose it quietly. -->
    <xsl:for-each select="/snapshots/*[not(self::domainsnapshot)]">
      <xsl:message>
        <xsl:value-of select="concat('Left out, no snapshot: ', name())"/>
      </xsl:message>
    </xsl:for-each>
    <xsl:for-each select="$members">
      <xsl:if test="string(name) = ''">
        <xsl:message terminate="yes">A snapshot has no name.</xsl:message>
      </xsl:if>
      <xsl:if test="count(key('by-name', string(name))) &gt; 1">
        <xsl:message terminate="yes">
          <xsl:value-of select="concat('More than one snapshot is named &quot;',
                                       name, '&quot;.')"/>
        </xsl:message>
      </xsl:if>
    </xsl:for-each>
    <xsl:if test="/snapshots/@current and not($current)">
      <xsl:message terminate="yes">
        <xsl:value-of select="concat('current= names no snapshot: &quot;',
                                     /snapshots/@current, '&quot;.')"/>
      </xsl:message>
    </xsl:if>
    <xsl:if test="count($current) &gt; 1">
      <xsl:message terminate="yes">
        <xsl:text>current= may mean any of these:</xsl:text>
        <xsl:for-each select="$current">
          <xsl:value-of select="concat(' &quot;', name, '&quot;')"/>
        </xsl:for-each>
      </xsl:message>
    </xsl:if>
    <!-- Only the bytes of the file can tell; in here they are gone. -->
    <xsl:if test="$same and count($alike) &gt; 1">
      <xsl:message>
        <xsl:text>current= may mean another snapshot as well, </xsl:text>
        <xsl:text>if it was written with a raw tab or newline.</xsl:text>
      </xsl:message>
    </xsl:if>
    <xsl:if test="$name != '' and not(key('by-name', $name))">
      <xsl:message terminate="yes">
        <xsl:value-of select="concat('There is no snapshot &quot;', $name,
                                     '&quot;.')"/>
      </xsl:message>
    </xsl:if>
  </xsl:template>

  <!-- One legacy file. The children <active> that are there go, and with
       each the white space in front of it, so that the whole line is gone.
       (Text there that is more than white space stays as it is.) The right
       one comes after the last child, before the newline that puts the end
       tag on its line. -->
  <xsl:template match="domainsnapshot" mode="file">
    <xsl:variable name="kept"
                  select="node()[not(self::active)]
                                [not(self::text()[not(normalize-space())]
                                     /following-sibling::node()[1]
                                      [self::active])]"/>
    <xsl:variable name="end"
                  select="$kept[last()][self::text()[not(normalize-space())]]"/>
    <xsl:variable name="body"
                  select="$kept[position() &lt;= last() - count($end)]"/>
    <!-- the same condition as of the template for verbatim elements -->
    <xsl:variable name="verbatim"
                  select="text()[normalize-space()]
                          or @xml:space = 'preserve'"/>

    <xsl:comment>
      <xsl:text>
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh snapshot-edit
or other application using the libvirt API.
</xsl:text>
    </xsl:comment>
    <xsl:text>&#10;&#10;</xsl:text>
    <xsl:copy>
      <xsl:copy-of select="@*"/>
      <xsl:choose>
        <xsl:when test="$verbatim">
          <xsl:copy-of select="$body"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:apply-templates select="$body" mode="shift"/>
        </xsl:otherwise>
      </xsl:choose>
      <xsl:text>&#10;  </xsl:text>
      <active>
        <xsl:value-of select="number(generate-id() = generate-id($current))"/>
      </active>
      <xsl:choose>
        <xsl:when test="$verbatim">
          <xsl:copy-of select="$end"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:apply-templates select="$end" mode="shift"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:copy>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <!--
    Mode "shift": two columns to the left, but only at the newlines that are
    layout and not content.
  -->

  <!-- An element whose content may be elements: go down into it. -->
  <xsl:template match="*" mode="shift">
    <xsl:copy>
      <xsl:copy-of select="@*"/>
      <xsl:apply-templates select="node()" mode="shift"/>
    </xsl:copy>
  </xsl:template>

  <!-- An element with text of its own (a leaf like <description>, or mixed
       content), or one that asks for it: white space in there may mean
       something, at any depth. Verbatim with all that is below. -->
  <xsl:template match="*[text()[normalize-space()]
                         or @xml:space = 'preserve']"
                mode="shift" priority="1">
    <xsl:copy-of select="."/>
  </xsl:template>

  <!-- The lines inside of these stay; the text before them moves the first. -->
  <xsl:template match="comment() | processing-instruction()" mode="shift">
    <xsl:copy/>
  </xsl:template>

  <!-- White space; any other text is in a verbatim element. If it is all
       there is in its element, it is a value: a description of two blanks. -->
  <xsl:template match="text()" mode="shift">
    <xsl:copy/>
  </xsl:template>

  <!-- White space between tags: here it is layout. A line that starts with
       less than two blanks, which no bulk writer makes, stays as it is. -->
  <xsl:template match="text()[../* or ../comment()
                              or ../processing-instruction()]"
                mode="shift" priority="1">
    <xsl:value-of select="str:replace(., '&#10;  ', '&#10;')"/>
  </xsl:template>

  <!-- libxml2, which lays out the <metadata> for libvirt, indents no further
       than level 30, which is 60 columns: a line that is there already, at that
       level or below it, does not move. Level 1 is a child of the snapshot. -->
  <xsl:template match="text()[ancestor::metadata]
                             [../* or ../comment()
                              or ../processing-instruction()]
                             [count(ancestor::*) - 1
                              - number(not(following-sibling::node())) &gt;= 30]
                             [substring(., string-length() - 60)
                              = '&#10;                                                            ']"
                mode="shift" priority="2">
    <xsl:copy/>
  </xsl:template>

</xsl:stylesheet>
