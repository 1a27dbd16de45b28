import { RouteTable } from './route-table';

function table(): RouteTable {
  const routes = new RouteTable();
  routes.add('/a', 'GET');
  routes.add('/a', ['POST', 'HEAD']);
  routes.add('/a/:id', 'GET');
  routes.add('/a/self', 'DELETE');
  return routes;
}

describe('the route table', () => {
  it.each([
    ['/a', ['GET', 'HEAD', 'POST']],
    ['/a/1', ['GET']],
    ['/a/self', ['DELETE', 'GET']],
    ['/a/', []],
    ['/a/1/2', []],
    ['/b', []],
  ])('knows the methods of %s', (path, methods) => expect(table().methodsOf(path)).toEqual(methods));
});
