// call makes one request to an API as any page would, and tells what came back.
// GETs of one URL do not wait for each other to fill the browser's cache.
export async function call(api, method, path, body) {
  const answer = await fetch(api + path, {
    method,
    cache: "no-store",
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "content-type": "application/json" },
  });
  const text = await answer.text();
  return { status: answer.status, body: text };
}
