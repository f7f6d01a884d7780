// Run by `node --test edge/`. The function is loaded the way CloudFront runs it: one script, no module around it.
const { test } = require('node:test');
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const SECRET = 'Zq7'.repeat(20);
const TRACK = '0197f3a2-7c11-7d5e-9a3b-5f0c2d4e6a81';
const CONTENT = '0123456789abcdef';
const SCOPE = `${TRACK}/${CONTENT}`;

const source = fs.readFileSync(path.join(__dirname, 'media-token.js'), 'utf8');
const handler = new Function('require', `${source.replace('@MEDIA_SECRET@', SECRET)}; return handler;`)(require);

function inSeconds(seconds) {
    return Math.floor(Date.now() / 1000) + seconds;
}

function address(file, { kind = 'h', expires = inSeconds(60), scope = SCOPE, secret = SECRET, signedScope = scope } = {}) {
    const text = `${kind}.${expires}/${signedScope}`;
    const signature = crypto.createHmac('sha256', secret).update(text).digest('base64url');
    return `/media/${kind}.${expires}.${signature}/${scope}/${file}`;
}

function ask(uri, querystring = {}) {
    return handler({ version: '1.0', context: {}, viewer: {}, request: { method: 'GET', uri, querystring, headers: {}, cookies: {} } });
}

function refusal(uri) {
    const answer = ask(uri);
    assert.strictEqual(answer.statusCode, 403, `${uri} must be refused`);
    return JSON.parse(answer.body).code;
}

test('a valid token is stripped, whatever it opens', () => {
    const opened = {
        h: ['master.m3u8', 'event.m3u8', 'aac-64/media.m3u8', 'aac-64/event.m3u8', 'aac-320/init.mp4', 'flac/00001.m4s', 'aac-128/00123.m4s'],
        d: ['download.mp3'],
        a: ['waveform-overview.json', 'waveform-detail.dat', 'cover-1200.jpg', 'cover-300.jpg'],
    };
    for (const [kind, files] of Object.entries(opened)) {
        for (const file of files) assert.strictEqual(ask(address(file, { kind })).uri, `/${SCOPE}/${file}`);
    }
});

test('two listeners reach one object: nothing of the token or the query is left', () => {
    const first = ask(address('aac-64/00001.m4s', { expires: inSeconds(60) }), { a: { value: '1' } });
    const second = ask(address('aac-64/00001.m4s', { expires: inSeconds(90) }));
    assert.deepStrictEqual(first, second);
});

test('a token opens the files of its kind alone', () => {
    assert.strictEqual(refusal(address('download.mp3', { kind: 'h' })), 'media_token_scope');
    assert.strictEqual(refusal(address('master.m3u8', { kind: 'd' })), 'media_token_scope');
    assert.strictEqual(refusal(address('aac-64/media.m3u8', { kind: 'a' })), 'media_token_scope');
    assert.strictEqual(refusal(address('cover-1200.jpg', { kind: 'z' })), 'media_token_scope');
});

test('an expired token is told so', () => {
    assert.strictEqual(refusal(address('master.m3u8', { expires: inSeconds(0) })), 'media_token_expired');
    assert.strictEqual(refusal(address('master.m3u8', { expires: inSeconds(-1) })), 'media_token_expired');
});

test('a changed kind, expiry, track, content or signature is refused', () => {
    const good = address('master.m3u8');
    const [, , token] = good.split('/');
    const [kind, expires, signature] = token.split('.');
    const otherTrack = TRACK.replace('0', '1');
    for (const forged of [
        good.replace(`${kind}.${expires}`, `d.${expires}`),
        good.replace(expires, String(Number(expires) + 1)),
        good.replace(TRACK, otherTrack),
        good.replace(CONTENT, CONTENT.replace('0', '1')),
        good.replace(signature, signature.slice(0, 42) + (signature[42] === 'A' ? 'Q' : 'A')),
        address('master.m3u8', { secret: 'another' }),
        address('master.m3u8', { signedScope: `${otherTrack}/${CONTENT}` }),
    ]) {
        assert.strictEqual(refusal(forged), 'media_token_invalid');
    }
});

test('what is no media address is refused without looking further', () => {
    for (const uri of [
        '/media/',
        `/media/${SCOPE}/master.m3u8`,
        `/${SCOPE}/master.m3u8`,
        address('aac-64%2f..%2fdownload.mp3'),
        address('master.m3u8').replace('/media/', '/media//'),
    ]) {
        assert.strictEqual(refusal(uri), 'media_token_invalid');
    }
});

test('no path climbs out of its content', () => {
    for (const file of ['../0123456789abcdef/download.mp3', 'aac-64/../download.mp3', 'aac-64//00001.m4s', './master.m3u8']) {
        assert.strictEqual(refusal(address(file)), 'media_token_scope');
    }
});

test('the function fits CloudFront: 10 KB with the secret, and no syntax it lacks', () => {
    assert.ok(Buffer.byteLength(source) + 64 < 10240);
    assert.ok(!/\bimport\b|\bexport\b|\bclass\b|\?\.|\?\?/.test(source.replace(/\/\/.*$/gm, '')));
});
