<?xml version="1.0" encoding="UTF-8"?>
<!--
  report-dot.xsl: the trees of snapshots in the report of virt-snapshot-verify
  (report.rng) as a graph for Graphviz:

    virt-snapshot-verify -f dot -o trees.dot; dot -Tsvg -O trees.dot

  Each domain is a cluster. The current snapshot has a bold border; a snapshot
  that some libvirt does not show has a dashed one, and one that is shown without
  its parent a dotted one. Edges lead from a parent to its children as the report
  draws them. Identifiers are numbers, never names.
-->
<xsl:stylesheet version="1.0"
                xmlns:xsl="http://www.w3.org/1999/XSL/Transform">

  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="/">
    <xsl:apply-templates select="report"/>
  </xsl:template>

  <xsl:template match="report">
    <xsl:text>digraph snapshots {
  graph [rankdir=LR, fontname="sans-serif", charset="UTF-8"];
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [arrowsize=0.7];
</xsl:text>
    <xsl:apply-templates select="domain"/>
    <xsl:text>}&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="domain">
    <xsl:variable name="id" select="concat('d', @index)"/>
    <xsl:value-of select="concat('  subgraph cluster_', $id,
                                 ' {&#10;    label=&quot;')"/>
    <xsl:if test="@base">
      <xsl:call-template name="escape">
        <xsl:with-param name="text" select="concat(@base, '/')"/>
      </xsl:call-template>
    </xsl:if>
    <xsl:call-template name="escape">
      <xsl:with-param name="text" select="string(@name)"/>
    </xsl:call-template>
    <xsl:value-of select="concat(' (', @layout, ')&quot;;&#10;')"/>
    <!-- A cluster without nodes is not drawn. -->
    <xsl:if test="not(snapshot)">
      <xsl:value-of select="concat('    ', $id, 's0 [label=&quot;no ',
                                   substring('snapshot', 1,
                                             8 * not(/report/@kind)),
                                   /report/@kind,
                                   's&quot;, shape=plaintext];&#10;')"/>
    </xsl:if>
    <xsl:for-each select="snapshot">
      <xsl:value-of select="concat('    ', $id, 's', @index,
                                   ' [label=&quot;')"/>
      <xsl:call-template name="escape">
        <xsl:with-param name="text" select="string(@name)"/>
      </xsl:call-template>
      <xsl:if test="@state">
        <xsl:text>\n</xsl:text>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="string(@state)"/>
        </xsl:call-template>
      </xsl:if>
      <xsl:if test="@current">
        <xsl:text>\n(current)</xsl:text>
      </xsl:if>
      <xsl:text>"</xsl:text>
      <xsl:choose>
        <xsl:when test="@legacy-loader = 'hidden' or @bulk-loader = 'hidden'">
          <xsl:text>, style="rounded,dashed"</xsl:text>
        </xsl:when>
        <xsl:when test="@legacy-loader = 'root' or @bulk-loader = 'root'">
          <xsl:text>, style="rounded,dotted"</xsl:text>
        </xsl:when>
      </xsl:choose>
      <xsl:if test="@current">, penwidth=2.5</xsl:if>
      <xsl:text>];&#10;</xsl:text>
      <xsl:if test="@below">
        <xsl:value-of select="concat('    ', $id, 's', @below, ' -&gt; ', $id,
                                     's', @index, ';&#10;')"/>
      </xsl:if>
    </xsl:for-each>
    <xsl:text>  }&#10;</xsl:text>
  </xsl:template>

  <!-- Text of a label: in one, a backslash begins an escape and an ampersand a
       character reference. Halves without either go out in one piece; the
       recursion is as deep as the logarithm of the length. -->
  <xsl:template name="escape">
    <xsl:param name="text"/>
    <xsl:variable name="half" select="floor(string-length($text) div 2)"/>
    <xsl:choose>
      <xsl:when test="translate($text, '&quot;\&amp;', '') = $text">
        <xsl:value-of select="$text"/>
      </xsl:when>
      <xsl:when test="$text = '&amp;'">&amp;amp;</xsl:when>
      <xsl:when test="$half = 0">
        <xsl:value-of select="concat('\', $text)"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, 1, $half)"/>
        </xsl:call-template>
        <xsl:call-template name="escape">
          <xsl:with-param name="text" select="substring($text, $half + 1)"/>
        </xsl:call-template>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

</xsl:stylesheet>
