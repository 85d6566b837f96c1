// call makes one request to an API as any page would, and tells what came back.
export async function call(api, method, path, body) {
  const answer = await fetch(api + path, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: body === undefined ? {} : { "content-type": "application/json" },
  });
  const text = await answer.text();
  return { status: answer.status, body: text };
}
