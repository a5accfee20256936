//! Whether the picture data of a JPEG file is all there: its Huffman codes, without a pixel being made.
//!
//! A JPEG has no checksum, and decoders go on after damage: most bits are a code for something. But then the
//! codes of the picture do not end where its data does, and that shows. The decoder behind `image` does not
//! look, not even when strict. What cannot be judged here (arithmetic coding, missing tables) is left to it.
//!
//! Layout, codes and names: ITU-T T.81, annexes B, F and G.

/// Most scans that a file may have; the decoder takes no more either.
const MAX_SCANS: usize = 100;
/// Bits that one look at a table resolves; longer codes are rare.
const LOOKUP_BITS: u32 = 9;

/// What is wrong with the picture data of a JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JpegDamage {
    /// The codes of a picture go on where its data has ended.
    #[error("picture data is missing")]
    DataEnds,
    /// There is data between the end of a picture's codes and the next marker.
    #[error("there is more data than the picture has")]
    DataLeft,
    /// Bits that are no code, or a code that cannot stand there.
    #[error("picture data is not what an encoder writes")]
    Code,
    /// A restart marker is missing, or out of turn.
    #[error("a restart marker is missing")]
    Restart,
    /// A segment that makes no sense.
    #[error("a segment is damaged")]
    Segment,
    /// A color component has no data.
    #[error("a color component is missing")]
    Component,
    /// It has no end marker.
    #[error("the end is missing")]
    NoEnd,
}

/// What ends the walk over a file early.
enum Stop {
    Damage(JpegDamage),
    /// What cannot be judged here.
    Unusual,
}

impl From<JpegDamage> for Stop {
    fn from(damage: JpegDamage) -> Self {
        Self::Damage(damage)
    }
}

/// Walks through all codes of the JPEG in `file`, which begins with its first marker. Bytes after its end marker
/// are not looked at.
///
/// # Errors
/// [`JpegDamage`] when they are not those of one whole picture.
pub(super) fn check_jpeg_data(file: &[u8]) -> Result<(), JpegDamage> {
    match Walk::default().file(file) {
        Ok(()) | Err(Stop::Unusual) => Ok(()),
        Err(Stop::Damage(damage)) => Err(damage),
    }
}

/// A Huffman table.
struct Table {
    /// For the next [`LOOKUP_BITS`] bits: length of the code and its value; the length is 0 for longer codes.
    lookup: Vec<(u8, u8)>,
    /// For each length: the end of the range of its codes, put to the left of 16 bits.
    ends: [u32; 17],
    /// For each length: what added to one of its codes gives the index of its value.
    offsets: [i32; 17],
    values: Vec<u8>,
}

impl Table {
    /// A table of the number of codes of each length from 1 to 16, and their values (annex C).
    fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut table = Self {
            lookup: vec![(0, 0); 1 << LOOKUP_BITS],
            ends: [0; 17],
            offsets: [0; 17],
            values: values.to_vec(),
        };
        let (mut code, mut index) = (0_u32, 0_usize);
        for (length, &count) in (1_u32..).zip(counts) {
            table.offsets[length as usize] = index as i32 - code as i32;
            for _ in 0..count {
                if length <= LOOKUP_BITS {
                    let shift = LOOKUP_BITS - length;
                    let first = (code << shift) as usize;
                    let entries = table.lookup.get_mut(first..first + (1 << shift))?;
                    entries.fill((length as u8, *values.get(index)?));
                }
                code += 1;
                index += 1;
            }
            if code > 1 << length {
                return None;
            }
            table.ends[length as usize] = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    fn next(&self, bits: &mut Bits) -> Result<u8, JpegDamage> {
        let next = bits.peek();
        let (length, value) = self.lookup[(next >> (16 - LOOKUP_BITS)) as usize];
        if length > 0 {
            bits.skip(length.into())?;
            return Ok(value);
        }
        let length = (LOOKUP_BITS + 1..=16).find(|&length| next < self.ends[length as usize]);
        let length = length.ok_or(JpegDamage::Code)?;
        bits.skip(length)?;
        let index = (next >> (16 - length)) as i32 + self.offsets[length as usize];
        let value = usize::try_from(index).ok().and_then(|i| self.values.get(i));
        value.copied().ok_or(JpegDamage::Code)
    }
}

/// The bits of entropy-coded data, up to a marker.
struct Bits<'a> {
    data: &'a [u8],
    /// Bytes that were taken out of `data`.
    at: usize,
    /// Bits taken and not used yet, at the upper end.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            held: 0,
            count: 0,
        }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = match self.data.get(self.at..).unwrap_or_default() {
                [0xff, 0, ..] => {
                    self.at += 2;
                    0xff
                }
                [] | [0xff, ..] => return,
                [byte, ..] => {
                    self.at += 1;
                    *byte
                }
            };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next 16 bits; zeros after the end of the data.
    fn peek(&mut self) -> u32 {
        if self.count < 16 {
            self.fill();
        }
        (self.held >> 48) as u32
    }

    /// Passes over up to 16 bits.
    fn skip(&mut self, count: u32) -> Result<(), JpegDamage> {
        if self.count < count {
            self.fill();
        }
        self.count = self.count.checked_sub(count).ok_or(JpegDamage::DataEnds)?;
        self.held <<= count;
        Ok(())
    }

    /// The value of up to 15 bits.
    fn take(&mut self, count: u32) -> Result<u32, JpegDamage> {
        let value = self.peek() >> (16 - count);
        self.skip(count)?;
        Ok(value)
    }

    /// The bytes from the marker on, if there is nothing but padding before it.
    fn rest(mut self) -> Result<&'a [u8], JpegDamage> {
        self.fill();
        match self.data.get(self.at..).unwrap_or_default() {
            _ if self.count >= 8 => Err(JpegDamage::DataLeft),
            [] => Err(JpegDamage::NoEnd),
            rest => Ok(rest),
        }
    }
}

/// A color component of the frame.
#[derive(Default)]
struct Component {
    id: u8,
    /// Blocks in a unit of an interleaved scan.
    across: usize,
    down: usize,
    /// Blocks in a scan of its own.
    columns: usize,
    rows: usize,
    /// Blocks in a row of `nonzero`, which holds whole units.
    stride: usize,
    /// For each block, its coefficients so far that are not zero, which later scans refine. Progressive only.
    nonzero: Vec<u64>,
    has_data: bool,
}

/// What the segments before a scan said.
#[derive(Default)]
struct Walk {
    progressive: bool,
    components: Vec<Component>,
    /// Units of an interleaved scan.
    units_across: usize,
    units_down: usize,
    dc_tables: [Option<Table>; 4],
    ac_tables: [Option<Table>; 4],
    restart_interval: usize,
}

/// What a scan header says of coefficients.
#[derive(Clone, Copy)]
struct Band {
    start: usize,
    end: usize,
    refines: bool,
}

/// A component of a scan.
#[derive(Clone, Copy)]
struct Part {
    component: usize,
    dc: usize,
    ac: usize,
}

impl Walk {
    fn file(mut self, file: &[u8]) -> Result<(), Stop> {
        let mut rest = file.get(2..).unwrap_or_default();
        let mut scans = 0;
        loop {
            let (marker, after) = next_marker(rest)?;
            rest = after;
            match marker {
                0xd9 => break,
                // Without content. Some encoders end their data with a restart marker.
                0x01 | 0xd0..=0xd7 => continue,
                _ => {}
            }
            let (segment, after) = take_segment(rest)?;
            rest = after;
            match marker {
                0xc4 => self.tables(segment)?,
                0xc0..=0xc2 => self.frame(segment, marker == 0xc2)?,
                0xc3 | 0xc5..=0xcf => return Err(Stop::Unusual),
                0xdd => {
                    let interval = segment.first_chunk().ok_or(JpegDamage::Segment)?;
                    self.restart_interval = u16::from_be_bytes(*interval).into();
                }
                0xda => {
                    scans += 1;
                    if scans > MAX_SCANS {
                        return Err(Stop::Unusual);
                    }
                    rest = self.scan(segment, rest)?;
                }
                _ => {}
            }
        }
        if self.components.iter().all(|component| component.has_data) {
            Ok(())
        } else {
            Err(JpegDamage::Component.into())
        }
    }

    fn tables(&mut self, mut segment: &[u8]) -> Result<(), JpegDamage> {
        while let Some((&class, rest)) = segment.split_first() {
            let (counts, rest) = rest.split_first_chunk().ok_or(JpegDamage::Segment)?;
            let length = counts.iter().map(|&count| usize::from(count)).sum();
            let (values, rest) = rest.split_at_checked(length).ok_or(JpegDamage::Segment)?;
            let tables = match class >> 4 {
                0 => &mut self.dc_tables,
                1 => &mut self.ac_tables,
                _ => return Err(JpegDamage::Segment),
            };
            let place = tables.get_mut(usize::from(class & 15));
            let table = Table::new(counts, values);
            *place.ok_or(JpegDamage::Segment)? = Some(table.ok_or(JpegDamage::Segment)?);
            segment = rest;
        }
        Ok(())
    }

    fn frame(&mut self, segment: &[u8], progressive: bool) -> Result<(), Stop> {
        let (&[bits, h1, h0, w1, w0, count], listed) =
            segment.split_first_chunk().ok_or(JpegDamage::Segment)?;
        let size = [[w1, w0], [h1, h0]].map(|side| usize::from(u16::from_be_bytes(side)));
        if !self.components.is_empty() || listed.len() != 3 * usize::from(count) {
            return Err(JpegDamage::Segment.into());
        }
        if bits != 8 || size.contains(&0) || !matches!(count, 1..=4) {
            return Err(Stop::Unusual);
        }
        self.progressive = progressive;
        for &[id, sampling, _] in listed.as_chunks::<3>().0 {
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
                return Err(JpegDamage::Segment.into());
            }
            self.components.push(Component {
                id,
                across,
                down,
                ..Component::default()
            });
        }
        let most = |of: fn(&Component) -> usize| self.components.iter().map(of).max().unwrap_or(1);
        let (across, down) = (most(|c| c.across), most(|c| c.down));
        self.units_across = size[0].div_ceil(8 * across);
        self.units_down = size[1].div_ceil(8 * down);
        for component in &mut self.components {
            component.columns = (size[0] * component.across).div_ceil(8 * across);
            component.rows = (size[1] * component.down).div_ceil(8 * down);
            component.stride = self.units_across * component.across;
            if progressive {
                let blocks = component.stride * self.units_down * component.down;
                let nonzero = &mut component.nonzero;
                // Where there is no memory for this there is none for the picture either.
                nonzero.try_reserve_exact(blocks).or(Err(Stop::Unusual))?;
                nonzero.resize(blocks, 0);
            }
        }
        Ok(())
    }

    /// Walks through one scan; what follows it is returned.
    fn scan<'a>(&mut self, segment: &[u8], data: &'a [u8]) -> Result<&'a [u8], Stop> {
        let (&count, listed) = segment.split_first().ok_or(JpegDamage::Segment)?;
        let split = listed.split_at_checked(2 * usize::from(count));
        let (listed, last) = split.ok_or(JpegDamage::Segment)?;
        let &[start, end, steps] = last else {
            return Err(JpegDamage::Segment.into());
        };
        let mut parts = Vec::with_capacity(4);
        for &[id, tables] in listed.as_chunks::<2>().0 {
            let found = self.components.iter().position(|c| c.id == id);
            let part = Part {
                component: found.ok_or(JpegDamage::Segment)?,
                dc: usize::from(tables >> 4),
                ac: usize::from(tables & 15),
            };
            parts.push(part);
        }
        let band = if self.progressive {
            Band {
                start: start.into(),
                end: end.into(),
                refines: steps >> 4 != 0,
            }
        } else {
            Band {
                start: 0,
                end: 63,
                refines: false,
            }
        };
        let is_ac = band.start > 0;
        if !matches!(parts.len(), 1..=4)
            || band.start > band.end
            || band.end > 63
            || (self.progressive && (is_ac && parts.len() > 1 || !is_ac && band.end > 0))
        {
            return Err(JpegDamage::Segment.into());
        }
        let single = <[Part; 1]>::try_from(parts.as_slice()).ok();
        let (across, down) = match single {
            Some([part]) => {
                let component = &self.components[part.component];
                (component.columns, component.rows)
            }
            None => (self.units_across, self.units_down),
        };
        let mut bits = Bits::new(data);
        let (mut restarts, mut until_restart) = (0_u8, self.restart_interval);
        // Blocks of the band that are still to be passed over (annex G.1.2.2).
        let mut ended_blocks = 0;
        for y in 0..down {
            for x in 0..across {
                if self.restart_interval > 0 && until_restart == 0 {
                    bits = restart(bits, restarts, ended_blocks)?;
                    (restarts, until_restart) = (restarts.wrapping_add(1), self.restart_interval);
                }
                until_restart = until_restart.wrapping_sub(1);
                if let Some([part]) = single {
                    self.block(part, (x, y), band, &mut ended_blocks, &mut bits)?;
                    continue;
                }
                for part in &parts {
                    let component = &self.components[part.component];
                    let (wide, high) = (component.across, component.down);
                    for row in 0..high {
                        for column in 0..wide {
                            let place = (x * wide + column, y * high + row);
                            self.block(*part, place, band, &mut ended_blocks, &mut bits)?;
                        }
                    }
                }
            }
        }
        if ended_blocks > 0 {
            return Err(JpegDamage::Code.into());
        }
        for part in &parts {
            self.components[part.component].has_data |= !is_ac;
        }
        Ok(bits.rest()?)
    }

    fn block(
        &mut self,
        part: Part,
        (x, y): (usize, usize),
        band: Band,
        ended_blocks: &mut u32,
        bits: &mut Bits,
    ) -> Result<(), Stop> {
        let table = |tables: &'_ [Option<Table>; 4], index: usize| {
            tables.get(index).is_some_and(Option::is_some)
        };
        let needs_dc = band.start == 0 && !band.refines;
        let needs_ac = band.end > 0;
        if needs_dc && !table(&self.dc_tables, part.dc)
            || needs_ac && !table(&self.ac_tables, part.ac)
        {
            return Err(Stop::Unusual);
        }
        if band.start == 0 {
            if band.refines {
                bits.skip(1)?;
            } else if let Some(dc) = &self.dc_tables[part.dc] {
                let size = dc.next(bits)?;
                if size > 15 {
                    return Err(JpegDamage::Code.into());
                }
                bits.skip(size.into())?;
            }
        }
        let Some(ac) = self.ac_tables[part.ac & 3].as_ref().filter(|_| needs_ac) else {
            return Ok(());
        };
        if !self.progressive {
            return Ok(sequential_block(ac, bits)?);
        }
        let component = &mut self.components[part.component];
        let nonzero = component.nonzero.get_mut(y * component.stride + x);
        let nonzero = nonzero.ok_or(JpegDamage::Segment)?;
        if band.refines {
            refined_block(ac, bits, band, nonzero, ended_blocks)?;
        } else {
            first_block(ac, bits, band, nonzero, ended_blocks)?;
        }
        Ok(())
    }
}

/// The coefficients 1 to 63 of a block (annex F.1.2.2).
fn sequential_block(ac: &Table, bits: &mut Bits) -> Result<(), JpegDamage> {
    let mut at = 1;
    while at < 64 {
        let code = ac.next(bits)?;
        let (run, size) = (code >> 4, code & 15);
        match (run, size) {
            (0, 0) => return Ok(()),
            (15, 0) => {}
            (_, 0) => return Err(JpegDamage::Code),
            _ => bits.skip(size.into())?,
        }
        at += usize::from(run) + 1;
    }
    if at == 64 {
        Ok(())
    } else {
        Err(JpegDamage::Code)
    }
}

/// The first bits of the coefficients of a band (annex G.1.2.2).
fn first_block(
    ac: &Table,
    bits: &mut Bits,
    band: Band,
    nonzero: &mut u64,
    ended_blocks: &mut u32,
) -> Result<(), JpegDamage> {
    if *ended_blocks > 0 {
        *ended_blocks -= 1;
        return Ok(());
    }
    let mut at = band.start;
    while at <= band.end {
        let code = ac.next(bits)?;
        let (run, size) = (code >> 4, code & 15);
        at += usize::from(run);
        match (run, size) {
            (15, 0) => {}
            (_, 0) => {
                *ended_blocks = (1 << run) + bits.take(run.into())? - 1;
                return Ok(());
            }
            _ if at > band.end => return Err(JpegDamage::Code),
            _ => {
                bits.skip(size.into())?;
                *nonzero |= 1 << at;
            }
        }
        at += 1;
    }
    Ok(())
}

/// One more bit for each coefficient of a band (annex G.1.2.3).
fn refined_block(
    ac: &Table,
    bits: &mut Bits,
    band: Band,
    nonzero: &mut u64,
    ended_blocks: &mut u32,
) -> Result<(), JpegDamage> {
    let mut at = band.start;
    while *ended_blocks == 0 && at <= band.end {
        let code = ac.next(bits)?;
        let (mut run, size) = (code >> 4, code & 15);
        match (run, size) {
            (15, 0) => {}
            (_, 0) => {
                *ended_blocks = (1 << run) + bits.take(run.into())?;
                break;
            }
            // The sign of a coefficient that has its first bit now.
            (_, 1) => bits.skip(1)?,
            _ => return Err(JpegDamage::Code),
        }
        while at <= band.end {
            if *nonzero >> at & 1 == 1 {
                bits.skip(1)?;
            } else if run == 0 {
                break;
            } else {
                run -= 1;
            }
            at += 1;
        }
        if size == 1 {
            if at > band.end {
                return Err(JpegDamage::Code);
            }
            *nonzero |= 1 << at;
        }
        at += 1;
    }
    if *ended_blocks > 0 {
        let left = (at..=band.end).filter(|at| *nonzero >> at & 1 == 1);
        for _ in left {
            bits.skip(1)?;
        }
        *ended_blocks -= 1;
    }
    Ok(())
}

/// Goes on behind the restart marker that must come now, the one after `before` others.
fn restart<'a>(bits: Bits<'a>, before: u8, ended_blocks: u32) -> Result<Bits<'a>, JpegDamage> {
    let (marker, after) = next_marker(bits.rest()?)?;
    if marker == 0xd0 + before % 8 && ended_blocks == 0 {
        Ok(Bits::new(after))
    } else {
        Err(JpegDamage::Restart)
    }
}

/// The marker at the start of `data` and what follows it. Any number of bytes 255 may stand before its code.
fn next_marker(data: &[u8]) -> Result<(u8, &[u8]), JpegDamage> {
    let fill = data.iter().take_while(|&&byte| byte == 0xff).count();
    match data.get(fill..).and_then(<[u8]>::split_first) {
        None => Err(JpegDamage::NoEnd),
        Some((&marker, rest)) if fill > 0 && marker != 0 => Ok((marker, rest)),
        Some(_) => Err(JpegDamage::Segment),
    }
}

fn take_segment(data: &[u8]) -> Result<(&[u8], &[u8]), JpegDamage> {
    let (length, rest) = data.split_first_chunk().ok_or(JpegDamage::NoEnd)?;
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2);
    let length = length.ok_or(JpegDamage::Segment)?;
    rest.split_at_checked(length).ok_or(JpegDamage::NoEnd)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::codecs::jpeg::JpegEncoder;
    use image::{DynamicImage, ImageBuffer};
    use proptest::prelude::*;

    use super::*;

    /// Files of other encoders, by name.
    fn fixtures() -> Vec<(String, Vec<u8>)> {
        let folder = fs::read_dir("../../fixtures/jpeg").unwrap();
        folder
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect()
    }

    fn encoded(width: u32, height: u32, quality: u8, seed: u32, is_gray: bool) -> Vec<u8> {
        let pixel = |x: u32, y: u32| {
            image::Rgb([(x * 37 + seed) ^ (y * 101), x * y, x + y * seed].map(|v| v as u8))
        };
        let mut image: DynamicImage = ImageBuffer::from_fn(width, height, pixel).into();
        if is_gray {
            image = image.into_luma8().into();
        }
        let mut file = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut file, quality);
        image.write_with_encoder(encoder).unwrap();
        file
    }

    fn data_start(file: &[u8]) -> usize {
        file.windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap()
            + 16
    }

    #[test]
    fn what_encoders_write_is_whole() {
        for (name, file) in fixtures() {
            assert_eq!(check_jpeg_data(&file), Ok(()), "{name}");
            let with_more = [file.as_slice(), b"\0\0 written by an asset manager"].concat();
            assert_eq!(check_jpeg_data(&with_more), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_file_that_ends_early_is_not_whole_though_it_has_an_end_marker() {
        for (name, file) in fixtures() {
            for end in (data_start(&file)..file.len() - 40).step_by(97) {
                assert!(check_jpeg_data(&file[..end]).is_err(), "{name}: {end}");
            }
            let half = [&file[..file.len() / 2], &[0xff, 0xd9]].concat();
            assert!(check_jpeg_data(&half).is_err(), "{name}");
        }
    }

    #[test]
    fn lost_and_doubled_data_is_found() {
        for (name, file) in fixtures() {
            let start = data_start(&file);
            let last = file.len() - 700;
            for at in (start..last).step_by(211) {
                let zeroed = [&file[..at], &[0; 512], &file[at + 512..]].concat();
                let lost = [&file[..at], &file[at + 512..]].concat();
                let doubled = [&file[..at + 512], &file[at..]].concat();
                for damaged in [zeroed, lost, doubled] {
                    assert!(check_jpeg_data(&damaged).is_err(), "{name}: {at}");
                }
            }
        }
    }

    #[test]
    fn a_restart_marker_out_of_turn_is_found() {
        let (_, mut file) = fixtures()
            .into_iter()
            .find(|(name, _)| name == "restarts.jpg")
            .unwrap();
        let marker = file
            .windows(2)
            .position(|pair| pair == [0xff, 0xd2])
            .unwrap();
        file[marker + 1] = 0xd3;
        assert_eq!(check_jpeg_data(&file), Err(JpegDamage::Restart));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_whole_file_is_refused(
            (width, height) in (1_u32..90, 1_u32..90),
            quality in 1_u8..=100,
            seed in any::<u32>(),
            is_gray in any::<bool>(),
        ) {
            let file = encoded(width, height, quality, seed % 1000, is_gray);
            prop_assert_eq!(check_jpeg_data(&file), Ok(()));
        }

        #[test]
        fn no_damage_upsets_the_check(
            which in 0_usize..5,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let (_, mut file) = fixtures().swap_remove(which);
            for (at, byte) in damage {
                let at = at.index(file.len());
                file[at] = byte;
            }
            file.truncate(cut.index(2 * file.len()).max(2));
            // Whether it is found is luck; that it ends is not.
            let _ = check_jpeg_data(&file);
        }
    }
}
