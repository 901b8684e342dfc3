namespace OrleansStream.Engine.CodeGeneration;

/// <content>A walk over the segments in one pass.</content>
public sealed partial class MessageWriter
{
    /// <summary>The next segment of the message, none of them empty; false at its end. Begin with a default position.</summary>
    internal bool TryGetNextSegment(ref SegmentPosition position, out ReadOnlyMemory<byte> segment)
    {
        while (position.Reference <= _references.Count)
        {
            var isLast = position.Reference == _references.Count;
            var headEnd = isLast ? _headLength : _references[position.Reference].HeadEnd;
            if (headEnd > position.HeadStart)
            {
                segment = _head.AsMemory(position.HeadStart, headEnd - position.HeadStart);
                position.HeadStart = headEnd;
                return true;
            }

            if (isLast)
            {
                break;
            }

            segment = _references[position.Reference++].Memory;
            return true;
        }

        segment = default;
        return false;
    }

    /// <summary>How far a walk over the segments has come.</summary>
    internal struct SegmentPosition
    {
        /// <summary>The next reference.</summary>
        public int Reference;

        /// <summary>The first head byte not yet returned.</summary>
        public int HeadStart;
    }
}
