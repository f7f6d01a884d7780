// CloudFront Function (runtime 2.0), viewer request of /media/*: opens what a media token allows, and nothing else.
//
//   in   /media/{kind}.{expires}.{signature}/{track_id}/{content_id}/{file}
//   out  /{track_id}/{content_id}/{file}          the object's key, so all listeners share one cached object
//
// The signature is base64url without padding of HMAC-SHA-256(secret, "{kind}.{expires}/{track_id}/{content_id}").
// functions/core/domain/playback.py signs; tests/infra and edge/media-token.test.js hold the two together.
// The stack writes the secret in place of the mark below.
const crypto = require('crypto');

const SECRET = '@MEDIA_SECRET@';

const PATH = /^\/media\/([a-z])\.([0-9]{10})\.([A-Za-z0-9_-]{43})\/([0-9a-f-]{36}\/[0-9a-f]{16})\/([A-Za-z0-9._/-]+)$/;

const OPENS = {
    h: /^((master|event)\.m3u8|[a-z]+(-[0-9]+)?\/(init\.mp4|(media|event)\.m3u8|[0-9]{5}\.m4s))$/,
    d: /^download\.mp3$/,
    a: /^(waveform-(overview|detail)\.(json|dat)|cover-[0-9]+\.jpg)$/,
};

// eslint-disable-next-line no-unused-vars -- CloudFront calls it
function handler(event) {
    const request = event.request;
    const parts = PATH.exec(request.uri);
    if (!parts) return refuse('media_token_invalid', 'This address is not a media address of ours.');
    const [, kind, expires, signature, scope, file] = parts;
    if (!sameText(signature, sign(`${kind}.${expires}/${scope}`))) {
        return refuse('media_token_invalid', 'The token in this address is not valid.');
    }
    if (!OPENS[kind] || !OPENS[kind].test(file)) return refuse('media_token_scope', 'The token does not open this file.');
    if (Number(expires) <= Math.floor(Date.now() / 1000)) {
        return refuse('media_token_expired', 'The token in this address has expired; ask for a new one.');
    }
    request.uri = `/${scope}/${file}`;
    request.querystring = {};
    return request;
}

function sign(text) {
    return crypto.createHmac('sha256', SECRET).update(text).digest('base64url');
}

// Takes the same time wherever the first difference is.
function sameText(left, right) {
    if (left.length !== right.length) return false;
    let difference = 0;
    for (let i = 0; i < left.length; i++) difference |= left.charCodeAt(i) ^ right.charCodeAt(i);
    return difference === 0;
}

function refuse(code, detail) {
    return {
        statusCode: 403,
        statusDescription: 'Forbidden',
        headers: {
            'content-type': { value: 'application/problem+json' },
            'cache-control': { value: 'no-store' },
            'access-control-allow-origin': { value: '*' },
        },
        body: JSON.stringify({ type: 'about:blank', title: 'Forbidden', status: 403, code: code, detail: detail }),
    };
}
