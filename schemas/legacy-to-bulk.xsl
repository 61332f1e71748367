<?xml version="1.0" encoding="UTF-8"?>
<!--
  legacy-to-bulk.xsl: the snapshot metadata of one libvirt QEMU domain, from
  the legacy layout (one file per snapshot) to the bulk layout (one file per
  domain).

  Usage:

    { echo '<legacy>'; cat DOMAIN/*.xml; echo '</legacy>'; } |
        xsltproc legacy-to-bulk.xsl - > DOMAIN.xml

  Look at the exit status of xsltproc. It is not 0, and the output is no
  XML document, if the input cannot be carried over; see "What is refused".

  Input:   the domain's legacy files one after the other inside a wrapper
           element. That can be done with cat because legacy files have no
           XML declaration. Check each file on its own first
           (xmllint -noout): the seams are not visible in here.
  Output:  the bulk file. Compare it as canonical XML (xmllint -c14n): the
           kind of quotes and the like are up to the XSLT processor. The
           bulk writer has no order of members; ours is explained at the
           template "members".

  The mapping:

    * The bulk file is libvirt's warning comment, an empty line, and a
      <snapshots> element with every <domainsnapshot> as a child.
    * A member is the legacy document without its line <active>, and two
      columns further right.
    * <active> becomes the attribute current= of <snapshots>: the name of the
      one snapshot that has an <active> other than 0. There may be none, and
      then there is no attribute.
    * Comments and processing instructions outside of <domainsnapshot> are
      left behind; in a legacy file that is the warning comment.

  What is refused, because there is no right answer: a snapshot without
  name, two snapshots of one name, two current ones, a parent that is not
  there, parents that go round in a circle. Everything else that may be wrong
  with a snapshot is carried over as it is: this is a mapping, not a check.

  An empty wrapper gives an empty <snapshots>, as the bulk writer does. The
  bulk reader refuses such a file, so do not put it into place.

  Limits:

    * XPath cannot tell a CDATA section from text, nor a character reference
      from the character. The bulk writer leaves an element alone that has a
      CDATA section as a child. In here one of only white space, beside child
      elements, looks like indentation.
    * The template that orders the members calls itself once per snapshot.
      libxslt counts that as two levels and stops at 3000, so by default a
      domain may have a little less than 1500 snapshots. Raise its limits for
      more: "xsltproc -maxdepth 40000 -maxvars 100000" is enough for 16384.
      Above some 12000 it also takes a larger stack (ulimit -s 65536), or
      xsltproc crashes. Options may be written with one or two dashes.
    * The wrapper is one level of nesting, as <snapshots> is: a legacy file
      with more than 256 levels of elements does not get through the parser.
    * In a <domainsnapshot> with text of its own, which libvirt never writes,
      the line of <active> goes only if nothing but white space precedes it.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:str="http://exslt.org/strings"
                exclude-result-prefixes="str">

  <!-- No indent="yes" and nowhere an xsl:strip-space: white space is
       content. The mapping says itself where it changes. -->
  <xsl:output method="xml" encoding="UTF-8" indent="no"
              omit-xml-declaration="yes"/>

  <!-- Snapshots are the children of the wrapper, and only those: anything
       called <domainsnapshot>, <name> or <active> deeper down, in <metadata>
       say, is somebody's data. string() takes the first node, as libvirt
       does. An empty parent name is no parent, so the snapshots without
       parent are the children of ''. -->
  <xsl:key name="by-name" match="/legacy/domainsnapshot" use="string(name)"/>
  <xsl:key name="by-parent" match="/legacy/domainsnapshot"
           use="string(parent/name)"/>

  <xsl:template match="/">
    <xsl:variable name="snapshots" select="/legacy/domainsnapshot"/>
    <!-- libvirt writes 0 or 1, but reads any integer. Something that is no
         number is not equal to its own floor(). -->
    <xsl:variable name="current"
                  select="$snapshots[floor(active[1]) = number(active[1])
                                     and number(active[1]) != 0]"/>

    <xsl:call-template name="refuse">
      <xsl:with-param name="snapshots" select="$snapshots"/>
      <xsl:with-param name="current" select="$current"/>
    </xsl:call-template>

    <!-- Into a variable first. If there is a circle, it shows only at the
         end; then there must not be half a bulk file in the output. -->
    <xsl:variable name="members">
      <xsl:call-template name="members">
        <xsl:with-param name="ready" select="key('by-parent', '')"/>
        <xsl:with-param name="left" select="count($snapshots)"/>
      </xsl:call-template>
    </xsl:variable>

    <xsl:comment>
      <xsl:text>
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh snapshot-edit
or other application using the libvirt API.
</xsl:text>
    </xsl:comment>
    <xsl:text>&#10;&#10;</xsl:text>
    <snapshots>
      <xsl:if test="$current">
        <!-- A tab or newline in the name is written as a reference, &#9; or
             &#10;, by every XSLT processor. It has to be: a raw one would be
             read back as a blank. -->
        <xsl:attribute name="current">
          <xsl:value-of select="$current/name"/>
        </xsl:attribute>
      </xsl:if>
      <xsl:copy-of select="$members"/>
      <xsl:text>&#10;</xsl:text>
    </snapshots>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <!-- Stop where the mapping has no right answer. -->
  <xsl:template name="refuse">
    <xsl:param name="snapshots"/>
    <xsl:param name="current"/>

    <xsl:if test="not(/legacy)">
      <xsl:message terminate="yes">
        <xsl:text>The input has to be legacy files inside of a </xsl:text>
        <xsl:text>&lt;legacy&gt; element.</xsl:text>
      </xsl:message>
    </xsl:if>
    <!-- Checkpoint metadata, for example, can stand in the same directory.
         It has no place in a bulk file; but do not lose it quietly. -->
    <xsl:for-each select="/legacy/*[not(self::domainsnapshot)]">
      <xsl:message>
        <xsl:value-of select="concat('Left out, no snapshot: ', name())"/>
      </xsl:message>
    </xsl:for-each>
    <xsl:if test="count($current) &gt; 1">
      <xsl:message terminate="yes">
        <xsl:text>More than one snapshot is current:</xsl:text>
        <xsl:for-each select="$current">
          <xsl:value-of select="concat(' &quot;', name, '&quot;')"/>
        </xsl:for-each>
      </xsl:message>
    </xsl:if>
    <xsl:for-each select="$snapshots">
      <xsl:if test="string(name) = ''">
        <xsl:message terminate="yes">A snapshot has no name.</xsl:message>
      </xsl:if>
      <xsl:if test="count(key('by-name', string(name))) &gt; 1">
        <xsl:message terminate="yes">
          <xsl:value-of select="concat('More than one snapshot is named &quot;',
                                       name, '&quot;.')"/>
        </xsl:message>
      </xsl:if>
      <xsl:if test="string(parent/name) != ''
                    and not(key('by-name', string(parent/name)))">
        <xsl:message terminate="yes">
          <xsl:value-of select="concat('The parent of &quot;', name,
                                       '&quot; is missing: &quot;',
                                       parent/name, '&quot;.')"/>
        </xsl:message>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <!--
    The members in their order: by creation time, and by name where that is
    the same; but a parent always before its children, also when its time is
    later (clocks are set back). So: of the snapshots whose parent has been
    written, or that have none, write the first one; from then on its
    children may follow.

    ready   the snapshots that may be next
    left    how many have not been written

    The numbers of XPath are doubles: two times above 2^53, or below -2^53,
    may count as the same when they are close to each other. translate() is
    there because libvirt reads "+5", but XPath does not. A time that is
    missing or no number comes first.

    No lang= at the xsl:sort by name: without it libxslt compares bytes, in
    every locale, which is the order of code points. Other processors may go
    by the locale; that changes the order of snapshots of the same second,
    nothing else.
  -->
  <xsl:template name="members">
    <xsl:param name="ready"/>
    <xsl:param name="left"/>

    <xsl:variable name="first">
      <xsl:for-each select="$ready">
        <xsl:sort select="translate(creationTime, '+', '')"
                  data-type="number"/>
        <xsl:sort select="name" data-type="text"/>
        <xsl:if test="position() = 1">
          <xsl:value-of select="generate-id()"/>
        </xsl:if>
      </xsl:for-each>
    </xsl:variable>

    <xsl:choose>
      <xsl:when test="$ready">
        <xsl:variable name="next"
                      select="$ready[generate-id() = string($first)]"/>
        <xsl:apply-templates select="$next" mode="member"/>
        <xsl:call-template name="members">
          <xsl:with-param name="ready"
                          select="$ready[generate-id() != string($first)]
                                  | key('by-parent', string($next/name))"/>
          <xsl:with-param name="left" select="$left - 1"/>
        </xsl:call-template>
      </xsl:when>
      <!-- Every parent is there, but not everyone can be reached. -->
      <xsl:when test="$left != 0">
        <xsl:message terminate="yes">
          <xsl:text>The parents of some snapshots form a circle.</xsl:text>
        </xsl:message>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <!-- One snapshot, on a line of its own. Its children <active> go, and with
       each the white space in front of it, so that the whole line is gone.
       (Text there that is more than white space stays as it is.) -->
  <xsl:template match="domainsnapshot" mode="member">
    <xsl:variable name="kept"
                  select="node()[not(self::active)]
                                [not(self::text()[not(normalize-space())]
                                     /following-sibling::node()[1]
                                      [self::active])]"/>
    <xsl:text>&#10;  </xsl:text>
    <xsl:copy>
      <xsl:copy-of select="@*"/>
      <xsl:choose>
        <!-- the same condition as of the template for verbatim elements -->
        <xsl:when test="text()[normalize-space()] or @xml:space = 'preserve'">
          <xsl:copy-of select="$kept"/>
        </xsl:when>
        <xsl:otherwise>
          <xsl:apply-templates select="$kept" mode="shift"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:copy>
  </xsl:template>

  <!--
    Mode "shift": two columns to the right, but only at the newlines that are
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

  <!-- White space between tags: here it is layout. -->
  <xsl:template match="text()[../* or ../comment()
                              or ../processing-instruction()]"
                mode="shift" priority="1">
    <xsl:value-of select="str:replace(., '&#10;', '&#10;  ')"/>
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
